// When which slot ran what.

const rowHeight = 15;
const mostHeight = 520;

// The bars of each slot, in the order of time.
function slotsOf(timeline) {
  const slots = Array.from({ length: timeline.slots }, () => []);
  for (let i = 0; i < timeline.slot.length; i++) slots[timeline.slot[i] - 1].push(i);
  return slots;
}

function tellBar(timeline, i) {
  const from = timeline.from[i] * timeline.unit;
  const busy = timeline.busy[i] * timeline.unit;
  const where = "slot " + timeline.slot[i] + ", from " + moment(from, 0.001);
  if (timeline.count[i] === 1) {
    return "job " + timeline.seq[i] + ", attempt " + timeline.try[i] + ": " + kinds[timeline.kind[i]] +
      " after " + fine(busy) + " (" + where + ")";
  }
  const bad = timeline.bad[i] ? ", " + count(timeline.bad[i]) + " of them not successful" : "";
  return count(timeline.count[i]) + " attempts from job " + timeline.seq[i] + " on" + bad + ", " +
    human(busy) + " in all (" + where + " for " + human(timeline.length[i] * timeline.unit) + ")";
}

function timelinePlot(view, into, readout) {
  const { timeline } = view.data;
  const slots = slotsOf(timeline);
  const rows = Math.max(slots.length, 1);
  const paint = kinds.map(color);
  const find = (slot, at) => {
    const bars = slots[slot] || [];
    let low = 0;
    let high = bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timeline.from[bars[middle]] * timeline.unit <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  // A bar of several has in its foot how many of them did not succeed.
  const drawBar = (ctx, i, x, y, width, height) => {
    if (timeline.count[i] === 1) {
      ctx.fillStyle = paint[timeline.kind[i]];
      ctx.fillRect(x, y, width, height);
      return;
    }
    const busy = timeline.length[i] > 0 ? timeline.busy[i] / timeline.length[i] : 1;
    ctx.globalAlpha = 0.35 + 0.65 * Math.min(1, busy);
    ctx.fillStyle = paint[0];
    ctx.fillRect(x, y, width, height);
    ctx.globalAlpha = 1;
    if (!timeline.bad[i]) return;
    const foot = Math.max(height * (timeline.bad[i] / timeline.count[i]), Math.min(height, devicePixelRatio));
    ctx.fillStyle = paint[timeline.kind[i]];
    ctx.fillRect(x, y + height - foot, width, foot);
  };
  const draw = (plot) => {
    const { ctx, bbox } = plot;
    const { min, max } = plot.scales.x;
    const scale = bbox.width / Math.max(max - min, 1e-9);
    const row = bbox.height / rows;
    const gap = row > 4 * devicePixelRatio ? devicePixelRatio : 0;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (let slot = 0; slot < slots.length; slot++) {
      const bars = slots[slot];
      const y = bbox.top + slot * row;
      for (let k = Math.max(0, find(slot, min)); k < bars.length; k++) {
        const i = bars[k];
        const from = timeline.from[i] * timeline.unit;
        if (from > max) break;
        const x = bbox.left + (from - min) * scale;
        const wide = timeline.length[i] * timeline.unit * scale;
        const side = wide > 4 * devicePixelRatio ? devicePixelRatio / 2 : 0;
        drawBar(ctx, i, x, y + gap / 2, Math.max(wide - side, devicePixelRatio / 2), Math.max(row - gap, 0.5));
      }
    }
    ctx.restore();
  };
  const rest = readout.textContent;
  const move = (plot) => {
    const { left, top } = plot.cursor;
    // Where the pointer is on another plot, it is at no slot.
    if (left == null || left < 0 || top < 0 || !plot.over.matches(":hover")) {
      readout.textContent = rest;
      return;
    }
    const slot = Math.floor((top / plot.over.clientHeight) * rows);
    const at = plot.posToVal(left, "x");
    const near = (3 * (plot.scales.x.max - plot.scales.x.min)) / plot.over.clientWidth;
    const bars = slots[slot] || [];
    const k = find(slot, at);
    const i = [bars[k], bars[k + 1]].find((bar) => bar != null &&
      at >= timeline.from[bar] * timeline.unit - near &&
      at <= (timeline.from[bar] + timeline.length[bar]) * timeline.unit + near);
    readout.textContent = i != null ? tellBar(timeline, i) : "slot " + (slot + 1) + ": nothing ran";
  };
  return timePlot(view, into, {
    height: Math.min(mostHeight, Math.max(rows * rowHeight, 30)) + 40,
    series: [{ show: true, points: { show: false } }],
    yRange: () => [0, rows],
    yAxis: {
      grid: { show: false },
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
      space: 26,
      // Slots are counted from the top.
      splits: (plot, i, min, max, step) => {
        const at = [];
        for (let slot = step === 1 ? 1 : step; slot <= rows; slot += step) at.push(rows - slot + 0.5);
        return at.reverse();
      },
      values: (plot, splits) => splits.map((at) => String(Math.round(rows - at + 0.5))),
    },
    draw, legend: false, move,
  });
}
