// The page: from the data of a report to its headline, plots and tables. `render` may be called
// again with what is newer.

const main = document.getElementById("report");
let shown = null; // the data
let view = null; // what the plots show of the time
let others = []; // plots that are not over time, with the elements they stand in

function section(title, about, ...children) {
  return make("section", {}, make("h2", {}, title), about ? make("p", { class: "about" }, about) : null, ...children);
}

function table(name, heads, rows) {
  const cell = (tag, value, i) => {
    const numeric = heads[i].startsWith("#");
    const element = value instanceof Node ? value : String(value);
    return make(tag, { class: numeric ? "number" : null, "data-label": tag === "td" && numeric ? heads[i].slice(1) : null }, element);
  };
  return make("div", { class: "scroll" }, make("table", { class: name },
    make("thead", {}, make("tr", {}, ...heads.map((head, i) => cell("th", head.replace(/^#/, ""), i)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((value, i) => cell("td", value, i)))))));
}

const code = (text) => make("span", { class: "code" }, text);

// A page that a run serves: "run" while that goes on, then "end".
let following = "";

function ending(data) {
  const last = data.sessions[data.sessions.length - 1];
  if (last.exit != null) return "exit " + last.exit;
  if (following === "run") return "goes on";
  if (following === "end") return "ended, and this is the last that was seen of it";
  return "no end on record: the run was cut short, or goes on";
}

function head(data) {
  const first = data.sessions[0];
  const of = data.all_items ? " of " : " of at least ";
  const failed = data.failed ? ", " + count(data.failed) + " failed" : "";
  const words = ["in " + human(data.seconds), ending(data),
    "begun " + new Date(first.at * 1000).toLocaleString([], { hour12: false }),
    ...data.labels.map(([name, value]) => name + "=" + value)];
  document.title = "gentlify: " + count(data.done) + of + count(data.jobs) + " jobs done" + failed;
  return [
    make("h1", {}, count(data.done) + of + count(data.jobs) + (data.jobs === 1 ? " job" : " jobs") + " done" + failed),
    make("p", { class: "sub" }, words.join(" · ")),
    ...data.notes.map((note) => make("p", { class: "note" }, note)),
  ];
}

// Name, what it is called, how it reads, and where it is not good.
function figures(data) {
  const { attempts, durations } = data;
  return [
    ["done", "jobs done", count(data.done)],
    ["failed", "jobs failed", count(data.failed), data.failed ? "bad" : ""],
    following === "run" ? ["left", "still to do", count(data.left), ""]
      : ["left", data.all_items ? "jobs not done" : "not done so far", count(data.left), data.left ? "warn" : ""],
    ["attempts", "attempts", count(attempts.ended + attempts.unfinished)],
    ["overload", "refusals", count(attempts.overload), attempts.overload ? "warn" : ""],
    ["repeated", "jobs repeated", count(data.repeated)],
    ["cuts", "cuts", count(data.cuts)],
    ["most_running", "most at once", count(data.most_running)],
    ["rate", "jobs a second", amount(data.rate)],
    ["p50", "median time", fine(durations.p50)],
    ["p99", "99 % within", fine(durations.p99)],
    ["seconds", "ran for", human(data.seconds)],
  ];
}

function tiles(data) {
  return make("dl", { class: "tiles" }, ...figures(data).map(([name, label, value, look]) =>
    make("div", { class: look }, make("dt", {}, label), make("dd", { "data-figure": name }, value))));
}

function keys(...names) {
  return make("div", { class: "keys" }, ...names.map(([label, key]) =>
    make("span", { style: { "--key": "var(--" + key + ")" } }, label)));
}

function shadeKeys(data) {
  const all = [];
  if (data.cuts) all.push(["cut", "cut"]);
  if (data.spans.some(([gate]) => gate === "pause")) all.push(["paused", "pause"]);
  if (data.spans.some(([gate]) => gate === "circuit")) all.push(["circuit open", "circuit"]);
  return all.length ? keys(...all) : null;
}

// A plot that is made once its place is in the page, and so has a width.
function place(make_, before) {
  const element = make("div", { class: "plot" });
  before.push(() => make_(element));
  return element;
}

function timeSections(data, later) {
  const { timeline } = data;
  const seam = data.sessions.length > 1 ? " Dashed lines part the sessions; what was between them is left out." : "";
  const held = { limit: "How many jobs ran at once, and how many were allowed to." + seam,
    rate: "Attempts a second that started and that succeeded" +
      (data.time.allowed.some((n) => n != null) ? ", and how many starts the controller allowed." : "."),
    bad: "Attempts a second that the service refused, that failed, and that can never succeed." };
  const bad = data.attempts.overload + data.attempts.failure + data.attempts.permanent;
  const readout = make("p", { class: "readout", role: "status" }, "Point at a bar to see the job.");
  const joined = timeline.joined > 0
    ? " Attempts that stand within " + human(timeline.joined) + " are one bar; its foot shows the share that did not succeed." : "";
  const left = timeline.left_out ? " " + count(timeline.left_out) + " attempts in higher slots are not shown." : "";
  const used = kinds.filter((kind, i) => timeline.kind.includes(i));
  return [
    section("Limit and running jobs", held.limit, shadeKeys(data), place((e) => limitPlot(view, e), later)),
    section("Rate", held.rate, place((e) => ratePlot(view, e), later)),
    section("Refusals and failures", bad ? held.bad : null,
      bad ? place((e) => badPlot(view, e), later) : make("p", { class: "none" }, "No attempt failed.")),
    section("Jobs by slot", "When each of the " + count(timeline.slots) + " slots ran what." + joined + left,
      keys(...used.map((kind) => [kind, kind])),
      place((e) => timelinePlot(view, e, readout), later), readout),
  ];
}

function spreadSection(title, about, spread, withBad, later) {
  const rows = [["mean", spread.mean], ["least", spread.min], ["50 %", spread.p50], ["90 %", spread.p90],
    ["95 %", spread.p95], ["99 %", spread.p99], ["most", spread.max]];
  const exact = (s) => (s < 1 ? Number((s * 1000).toPrecision(4)) + " ms" : Number(s.toPrecision(5)) + " s");
  return section(title, about,
    spread.count ? place((e) => others.push([histogram(e, spread, withBad), e]), later) : make("p", { class: "none" }, "No attempt ended."),
    make("div", { class: "percentiles" }, table("", rows.map(([name]) => "#" + name), [rows.map(([, s]) => fine(s))])),
    make("details", {}, make("summary", {}, "In more digits"),
      table("", ["", "#time"], [["attempts", count(spread.count)], ...rows.map(([name, s]) => [name, exact(s)])])));
}

function gatesSection(data) {
  const most = data.gates.length ? data.gates[0][1] : 1;
  const bar = (s) => make("span", { class: "bar", style: { width: (100 * s) / most + "%" } });
  return section("Time behind each gate", "For how long nothing could start, by what held it back last.",
    data.gates.length
      ? table("gates", ["gate", "", "#time", "#of the run"],
        data.gates.map(([gate, s]) => [gateName(gate), bar(s), human(s), share(s, data.seconds)]))
      : make("p", { class: "none" }, "Nothing was held back."));
}

function failuresSection(data) {
  const { failures } = data;
  const ended = (group) => {
    const ended = group.reason.startsWith(group.ended) ? group.reason
      : group.ended + (group.reason && ", " + group.reason);
    return make("span", {}, make("span", { class: "dot", style: { background: "var(--" + group.outcome + ")" } }),
      ended, group.outcome === "failure" ? null : " (" + group.outcome + ")");
  };
  const step = Math.min(1, data.seconds / 100);
  const when = ({ from, to }) => {
    const [first, last] = [from, to].map((at) => moment(step < 1 ? Number(at.toFixed(2)) : at, step < 1 ? 0.01 : 1));
    return first === last ? first : first + " – " + last;
  };
  const rows = failures.list.map((group) => [ended(group), code(group.last_line), count(group.jobs),
    count(group.attempts), group.first.join(", ") + (group.attempts > group.first.length ? " …" : ""),
    when(group)]);
  const more = failures.groups > failures.list.length
    ? " " + count(failures.groups - failures.list.length) + " more groups are not shown." : "";
  const masked = failures.masked ? " There are so many different lines that # stands for any number in them." : "";
  return section("Failures", "Attempts that failed, by how they ended and the last line they wrote to stderr." + masked + more,
    rows.length ? table("failures", ["ended with", "last line", "#jobs lost", "#attempts", "#first jobs", "#when"], rows)
      : make("p", { class: "none" }, "No attempt failed."));
}

function sessionsSection(data) {
  const more = data.more_sessions ? count(data.more_sessions) + " more sessions are not listed." : null;
  return section("Sessions", more, table("", ["began", "#lasted", "#done", "#failed", "#attempts", "#ended"],
    data.sessions.map((s) => [new Date(s.at * 1000).toLocaleString([], { hour12: false }), human(s.end - s.begin),
      count(s.done), count(s.failed), count(s.attempts), s.exit == null ? "not on record" : "exit " + s.exit])));
}

function settingsSection(data) {
  return section("Settings", "Those that are not the defaults.", data.settings.length
    ? table("settings", ["setting", "value"], data.settings.map(([name, value]) => [code(name), code(value)]))
    : make("p", { class: "none" }, "All are the defaults."));
}

function numbersSection(data) {
  const { attempts } = data;
  const rows = [["jobs", data.jobs], ["jobs done", data.done], ["jobs failed", data.failed], ["jobs not done", data.left],
    ["jobs that took more than one attempt", data.repeated], ["jobs done by their fallback", data.by_fallback],
    ["jobs settled without an attempt", data.without_attempt],
    ...kinds.map((kind) => ["attempts: " + kind, attempts[kind]]),
    ["starts put off for want of local resources", data.starved], ["cuts", data.cuts], ["cost", data.cost]];
  return section("In numbers", null, make("details", {}, make("summary", {}, "All counts as a table"),
    table("settings", ["", "#count"], rows.map(([name, n]) => [name, count(n)]))));
}

function resize() {
  const plots = [...(view ? view.plots.map((plot) => [plot, plot.root.parentNode]) : []), ...others];
  for (const [plot, element] of plots) {
    if (element.clientWidth && element.clientWidth !== plot.width) {
      plot.setSize({ width: element.clientWidth, height: plot.height });
    }
  }
}

function render(data) {
  const range = view && view.zoomed ? view.range : null;
  for (const plot of view ? view.plots : []) plot.destroy();
  for (const [plot] of others) plot.destroy();
  others = [];
  shown = data;
  const whole = make("button", { class: "zoom", type: "button", hidden: "" }, "Show all of the run");
  view = new TimeView(data, (zoomed) => { whole.hidden = !zoomed; });
  whole.addEventListener("click", () => view.reset());
  if (range) view.range = range;
  const later = [];
  main.replaceChildren(whole, ...head(data), tiles(data),
    make("p", { class: "about" }, "Drag across a plot to zoom in; double-click it to see all again."),
    ...timeSections(data, later),
    make("div", { class: "pair" },
      spreadSection("How long attempts ran", "Attempts by their duration.", data.durations, true, later),
      spreadSection("How long starts were held back", "Attempts by how long nothing could start before they did.", data.waits, false, later)),
    gatesSection(data), failuresSection(data),
    data.sessions.length > 1 ? sessionsSection(data) : "", settingsSection(data), numbersSection(data),
    make("footer", {}, "gentlify " + data.sessions[0].version + " · run " + data.run));
  for (const draw of later) draw();
  whole.hidden = !view.zoomed;
}

// A page that is served, and has no data of its own, asks for them as long as the run goes on.
async function follow() {
  following = "run";
  try {
    const answer = await fetch("data.json", { cache: "no-store" });
    if (answer.ok) render(await answer.json());
  } catch {
    following = "end";
    if (shown) render(shown);
    return;
  }
  setTimeout(follow, 2000);
}

window.addEventListener("resize", resize);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown && render(shown));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && view && view.zoomed) view.reset();
});

const given = JSON.parse(document.getElementById("data").textContent);
if (given) render(given);
else if (location.protocol.startsWith("http")) follow();
