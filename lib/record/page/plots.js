// Plots over the time of the run. They share what they show of it, and where the cursor is.

const timeSteps = [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2,
  5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600,
  43200, 86400, 172800, 432000, 864000, 1728000, 4320000, 8640000];
const wholeSteps = [1, 2, 5].flatMap((n) => [...Array(12).keys()].map((i) => n * 10 ** i)).sort((a, b) => a - b);
const narrow = 5; // pixels, of what is drawn as one stretch of time

// The plots that move together.
class TimeView {
  constructor(data, onZoom) {
    this.data = data;
    this.end = Math.max(data.seconds, 1e-6);
    this.plots = [];
    this.range = [0, this.end];
    this.onZoom = onZoom;
    this.moving = false;
  }
  get zoomed() {
    return this.range[0] > 0 || this.range[1] < this.end;
  }
  show(min, max) {
    this.range = [Math.max(0, min), Math.min(this.end, max)];
    this.moving = true;
    for (const plot of this.plots) plot.setScale("x", { min: this.range[0], max: this.range[1] });
    this.moving = false;
    this.onZoom(this.zoomed);
  }
  reset() {
    this.show(0, this.end);
  }
  // What time of day it was then.
  clock(at) {
    let session = this.data.sessions[0];
    for (const next of this.data.sessions) if (next.begin <= at) session = next;
    const date = new Date((session.at + at - session.begin) * 1000);
    return date.toLocaleTimeString([], { hour12: false });
  }
}

// The columns of data.time, with so many of its buckets taken as one.
class Stretches {
  constructor(time, end) {
    this.time = time;
    this.end = end;
  }
  edges(factor) {
    const x = [];
    for (let i = 0; i < this.time.count; i += factor) x.push(i * this.time.width);
    x.push(this.end);
    return x;
  }
  fold(column, factor, begin, add, finish) {
    const out = [];
    for (let i = 0; i < this.time.count; i += factor) {
      let sum = begin;
      const last = Math.min(i + factor, this.time.count);
      for (let k = i; k < last; k++) sum = add(sum, column[k]);
      out.push(finish(sum, last - i, i));
    }
    out.push(out.length ? out[out.length - 1] : null); // steps need a point to end at
    return out;
  }
  width(first, buckets) {
    const begin = first * this.time.width;
    return Math.max(Math.min(begin + buckets * this.time.width, this.end) - begin, this.time.last_width);
  }
  rate(name, factor) {
    return this.fold(this.time[name], factor, 0, (a, b) => a + b, (sum, n, i) => sum / this.width(i, n));
  }
  most(name, factor) {
    return this.fold(this.time[name], factor, 0, Math.max, (most) => most);
  }
  sum(name, factor) {
    return this.fold(this.time[name], factor, 0, (a, b) => a + b, (sum) => sum);
  }
  mean(name, factor) {
    return this.fold(this.time[name], factor, [0, 0],
      ([sum, n], value) => (value == null ? [sum, n] : [sum + value, n + 1]),
      ([sum, n]) => (n ? sum / n : null));
  }
}

// What no line shows: pauses, an open circuit, cuts, and where a session ends.
function shade(plot, data, cuts) {
  const { ctx, bbox } = plot;
  const x = (at) => plot.valToPos(at, "x", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [gate, from, to] of data.spans) {
    ctx.fillStyle = color(gate);
    ctx.fillRect(x(from), bbox.top, Math.max(x(to) - x(from), devicePixelRatio), bbox.height);
  }
  if (cuts) {
    ctx.fillStyle = color("cut");
    const height = 7 * devicePixelRatio;
    let drawn = -Infinity;
    for (let i = 0; i < data.time.count; i++) {
      if (!data.time.cuts[i]) continue;
      const at = Math.round(x(i * data.time.width));
      if (at - drawn < 2 * devicePixelRatio) continue;
      drawn = at;
      ctx.beginPath();
      ctx.moveTo(at - height / 2, bbox.top);
      ctx.lineTo(at + height / 2, bbox.top);
      ctx.lineTo(at, bbox.top + height);
      ctx.fill();
      ctx.fillRect(at, bbox.top, devicePixelRatio, bbox.height);
    }
  }
  ctx.strokeStyle = color("muted");
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const session of data.sessions.slice(1)) {
    ctx.beginPath();
    ctx.moveTo(x(session.begin), bbox.top);
    ctx.lineTo(x(session.begin), bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function axis(more) {
  return {
    stroke: color("muted"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: color("grid"), width: 1 },
    ticks: { stroke: color("grid"), width: 1, size: 5 },
    ...more,
  };
}

function countAxis(more) {
  return axis({ size: 48, values: (plot, splits) => splits.map((n) => compact.format(n)), ...more });
}

function timeAxis() {
  return axis({
    incrs: timeSteps,
    space: 70,
    size: 32,
    values: (plot, splits, i, space, step) => splits.map((s) => moment(s, step)),
  });
}

// Adds a plot to `into`. `shape(factor)` gives its data with so many buckets taken as one;
// `least` is the smallest such number that says something.
function timePlot(view, into, { height, series, shape, least, cuts, yAxis, yRange, draw, legend, move }) {
  const { data } = view;
  let factor = 0;
  const fitting = (min, max, width) => {
    const visible = ((max - min) / Math.max(data.time.width, 1e-9)) * narrow / Math.max(width, 1);
    let fit = least || 1;
    while (fit < visible) fit *= 2;
    return fit;
  };
  const options = {
    width: into.clientWidth,
    height,
    series: [
      { label: "time", value: (plot, at) => (at == null ? "–" : moment(at, 0.01) + " · " + view.clock(at)) },
      ...series,
    ],
    scales: { x: { time: false, range: (plot, min, max) => [min, max] }, y: { range: yRange } },
    axes: [timeAxis(), countAxis(yAxis)],
    legend: { show: legend !== false },
    padding: [8, 10, 0, 0],
    cursor: {
      sync: { key: "run", scales: ["x", null] },
      drag: { x: true, y: false, dist: 4 },
      points: { size: 6 },
      // The stretch that the cursor is in begins at or before it.
      dataIdx: (plot, i, closest, at) => (closest > 0 && plot.data[0][closest] > at ? closest - 1 : closest),
    },
    hooks: {
      drawClear: [(plot) => shade(plot, data, cuts)],
      draw: draw ? [draw] : [],
      setCursor: move ? [move] : [],
      setScale: [(plot, key) => {
        if (key !== "x") return;
        const { min, max } = plot.scales.x;
        const fit = fitting(min, max, plot.width);
        if (shape && fit !== factor) {
          factor = fit;
          plot.setData(shape(fit), false);
        }
        if (!view.moving) view.show(min, max);
      }],
    },
  };
  factor = fitting(view.range[0], view.range[1], into.clientWidth);
  const first = shape ? shape(factor) : [[0, view.end], [null, null]];
  view.moving = true;
  const plot = new uPlot(options, first, into);
  plot.setScale("x", { min: view.range[0], max: view.range[1] });
  view.moving = false;
  view.plots.push(plot);
  return plot;
}

const stepped = uPlot.paths.stepped({ align: 1 });

function line(label, stroke, more) {
  return { label, stroke: color(stroke), width: 1.5, paths: stepped, points: { show: false },
    value: (plot, n) => amount(n), ...more };
}

// From 0 to a little above the most.
const fromZero = (plot, min, max) => [0, max > 0 ? max * 1.08 : 1];

function limitPlot(view, into) {
  const stretches = new Stretches(view.data.time, view.end);
  const known = view.data.time.limit.some((n) => n != null);
  return timePlot(view, into, {
    height: 220, cuts: true, yRange: fromZero, yAxis: { incrs: wholeSteps },
    series: [
      line("running", "blue", { fill: color("blue-fill") }),
      line("most", "blue", { width: 1, dash: [2, 3] }),
      ...(known ? [line("limit", "ink", { dash: [7, 4] })] : []),
      line("cuts", "cut", { scale: "none", width: 0, value: (plot, n) => amount(n) }),
    ],
    shape: (f) => [stretches.edges(f), stretches.mean("running", f), stretches.most("most", f),
      ...(known ? [stretches.mean("limit", f)] : []), stretches.sum("cuts", f)],
  });
}

// So few stretches that most of them have something in them.
function leastFactor(view, events) {
  let factor = 1;
  while (view.data.time.count / factor > Math.max(40, events / 3)) factor *= 2;
  return factor;
}

function ratePlot(view, into) {
  const stretches = new Stretches(view.data.time, view.end);
  const allowed = view.data.time.allowed.some((n) => n != null);
  return timePlot(view, into, {
    height: 200, yRange: fromZero, least: leastFactor(view, view.data.attempts.ended),
    series: [
      line("starts/s", "blue", { fill: color("blue-fill") }),
      line("successes/s", "success"),
      ...(allowed ? [line("allowed/s", "ink", { dash: [7, 4] })] : []),
    ],
    shape: (f) => [stretches.edges(f), stretches.rate("starts", f), stretches.rate("success", f),
      ...(allowed ? [stretches.mean("allowed", f)] : [])],
  });
}

function badPlot(view, into) {
  const bad = ["overload", "failure", "permanent"].filter((kind) => view.data.attempts[kind]);
  const stretches = new Stretches(view.data.time, view.end);
  return timePlot(view, into, {
    height: 150, cuts: true, yRange: fromZero, least: leastFactor(view, view.data.attempts.ended),
    series: bad.map((kind) => line({ overload: "refusals/s", failure: "failures/s" }[kind] || kind + "/s", kind,
      kind === "overload" ? { fill: color("pause") } : {})),
    shape: (f) => [stretches.edges(f), ...bad.map((kind) => stretches.rate(kind, f))],
  });
}

// How many attempts took how long: bars that are as wide as they are long in proportion.
function histogram(into, spread, withBad) {
  const n = spread.counts.length;
  const bars = uPlot.paths.bars({ size: [0.92, 60], align: 0 });
  const from = (i) => (i === 0 ? 0 : spread.to[i - 1]);
  const series = [
    { label: "took", value: (plot, i) => (i == null ? "–" : fine(from(i)) + " – " + fine(spread.to[i])) },
    { label: "attempts", fill: color("blue"), stroke: color("blue"), width: 0, paths: bars,
      points: { show: false }, value: (plot, v) => amount(v) },
  ];
  const data = [spread.counts.map((c, i) => i), spread.counts];
  if (withBad) {
    series.push({ label: "not successful", fill: color("failure"), stroke: color("failure"), width: 0,
      paths: bars, points: { show: false }, value: (plot, v) => amount(v) });
    data.push(spread.bad);
  }
  return new uPlot({
    width: into.clientWidth, height: 200, series, padding: [8, 10, 0, 0],
    scales: { x: { time: false, range: (plot, min, max) => plot.data[0].length === n && (min == null || max - min >= n - 1.01)
      ? [-0.6, n - 0.4] : [min, max] }, y: { range: fromZero } },
    axes: [
      axis({ incrs: [1, 2, 4, 8, 16, 32], space: 60, size: 32,
        values: (plot, splits) => splits.map((i) => (Number.isInteger(i) && i >= 0 && i < n ? fine(spread.to[i]) : "")) }),
      countAxis({ incrs: wholeSteps }),
    ],
    cursor: { drag: { x: true, y: false, dist: 4 } },
  }, data, into);
}
