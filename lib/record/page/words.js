// Numbers and times as people read them, and elements of the page. Whatever comes from a journal is
// put in as text, never as markup.

const counts = new Intl.NumberFormat("en");
const count = (n) => counts.format(n);

// "0.031", "12.5", "1,234"
function amount(n) {
  if (n == null) return "–";
  if (n === 0) return "0";
  if (n < 0.001) return n.toPrecision(2);
  return n >= 100 ? count(Math.round(n)) : String(Number(n.toPrecision(3)));
}

// "<1ms", "3.6ms", "1.5s", "31s", "2m 5s", "3h 20m": as gentlify says it everywhere.
function human(s) {
  if (s == null) return "–";
  if (s <= 0) return "0s";
  if (s < 0.001) return "<1ms";
  if (s < 0.0995) return Number((s * 1000).toPrecision(2)) + "ms";
  if (s < 9.95) return s.toFixed(1) + "s";
  const whole = Math.round(s);
  if (whole < 60) return whole + "s";
  if (whole < 3600) return Math.floor(whole / 60) + "m " + (whole % 60) + "s";
  if (whole < 86400) return Math.floor(whole / 3600) + "h " + (Math.floor(whole / 60) % 60) + "m";
  return Math.floor(whole / 86400) + "d " + (Math.floor(whole / 3600) % 24) + "h";
}

// The same, and "120µs" where gentlify elsewhere says no more than "<1ms".
function fine(s) {
  return s > 0 && s < 0.001 ? Math.max(1, Number((s * 1e6).toPrecision(2))) + "µs" : human(s);
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

// A moment of the run, as finely as `step` seconds tell it apart.
function moment(s, step) {
  if (s === 0) return "0";
  if (step < 0.001) return Number((s * 1000).toFixed(3)) + "ms";
  if (step < 1 && s < 1) return Math.round(s * 1000) + "ms";
  if (step < 1 && s < 60) return Number(s.toFixed(3)) + "s";
  const rest = step < 1 ? Number((s % 60).toFixed(3)) : Math.round(s) % 60;
  const whole = step < 1 ? Math.floor(s) : Math.round(s);
  if (whole < 60) return rest + "s";
  if (whole < 3600) return Math.floor(whole / 60) + "m" + (rest ? " " + rest + "s" : "");
  const minutes = Math.floor(whole / 60) % 60;
  if (whole < 86400) return Math.floor(whole / 3600) + "h" + (minutes ? " " + minutes + "m" : "");
  const hours = Math.floor(whole / 3600) % 24;
  return Math.floor(whole / 86400) + "d" + (hours ? " " + hours + "h" : "");
}

function share(part, whole) {
  if (!(whole > 0)) return "";
  const percent = (100 * part) / whole;
  return (percent > 0 && percent < 0.1 ? "<0.1" : Number(percent.toFixed(1))) + " %";
}

// An element with properties and children; a string is text.
function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value == null) continue;
    if (name === "style") for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

// What a gate is called. In older journals a retry's delay and the input are none.
const gateName = (gate) => (gate === "none" ? "no gate" : gate);

const kinds = ["success", "failure", "overload", "permanent", "stopped", "unfinished"];
