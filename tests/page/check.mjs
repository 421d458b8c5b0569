// Opens the pages of two reports in Chromium, and compares the first with its journal.
//
//   node check.mjs CHROMIUM JOURNAL PAGE PAGE_OF_A_MILLION
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const [, , executablePath, journal, few, many] = process.argv;
const count = (n) => new Intl.NumberFormat("en").format(n);

// What the journal says, counted from its records alone.
function facts() {
  const records = readFileSync(journal, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const ends = records.filter((r) => r.t === "end" && r.try > 0);
  const close = records.find((r) => r.t === "close");
  const groups = new Map();
  for (const end of ends.filter((r) => ["failure", "overload", "permanent"].includes(r.outcome))) {
    const key = JSON.stringify(["exit " + end.exit, end.last_line ?? ""]);
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  const ran = ends.map((r) => r.ran).sort((a, b) => a - b);
  return {
    figures: {
      done: count(close.done),
      failed: count(close.failed),
      left: "0",
      attempts: count(ends.length),
      overload: count(ends.filter((r) => r.outcome === "overload").length),
      cuts: count(records.filter((r) => r.what === "cut").length),
    },
    data: {
      starts: records.filter((r) => r.t === "start").length,
      median: ran[Math.ceil(ran.length / 2) - 1],
      bars: ends.length,
    },
    groups: [...groups.values()].sort((a, b) => a - b),
  };
}

// The share of a plot's pixels that are not its background.
function ink(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let marked = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 40) marked++;
  return marked / (data.length / 4);
}

const nextFrame = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function open(browser, file, options) {
  const page = await browser.newPage(options);
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => /^(file|data):/.test(request.url()) || problems.push("asks for " + request.url()));
  page.on("dialog", (dialog) => problems.push("a dialog: " + dialog.message()) && dialog.dismiss());
  await page.goto("file://" + resolve(file));
  await page.waitForFunction(() => document.querySelectorAll(".uplot canvas").length >= 4);
  await nextFrame(page);
  for (const canvas of await page.$$(".uplot canvas")) {
    const share = await canvas.evaluate(ink);
    assert(share > 0.005, `a plot has no ink: ${share}`);
  }
  return { page, problems };
}

async function checkNumbers(page) {
  const { figures, data, groups } = facts();
  for (const [name, value] of Object.entries(figures)) {
    assert.equal(await page.textContent(`[data-figure=${name}]`), value, name);
  }
  const shown = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent));
  const sum = (column) => column.reduce((a, b) => a + b, 0);
  assert.equal(sum(shown.time.starts), data.starts);
  assert.equal(sum(shown.timeline.count), data.bars);
  assert.equal(sum(shown.durations.counts), data.bars);
  assert.equal(shown.durations.p50, data.median);
  const attempts = await page.$$eval(".failures tbody tr", (rows) => rows.map((row) => Number(row.cells[3].textContent)));
  assert.deepEqual(attempts.sort((a, b) => a - b), groups);
  // What a job wrote is text, and shows what is in it.
  assert(await page.$$eval(".failures .code", (cells) => cells.some((cell) =>
    cell.textContent.includes("<img src=x onerror=alert(1)> \\x1B[1m\\u{202E}"))));
  assert.equal(await page.locator("#report img").count(), 0);
}

const range = (page) => page.evaluate(() => view.plots.map((plot) => [plot.scales.x.min, plot.scales.x.max]));

async function checkZoom(page) {
  const whole = (await range(page))[0];
  const over = await page.locator(".u-over").first().boundingBox();
  await page.mouse.move(over.x + over.width * 0.25, over.y + 50);
  await page.mouse.down();
  await page.mouse.move(over.x + over.width * 0.75, over.y + 60, { steps: 4 });
  await page.mouse.up();
  for (const [min, max] of await range(page)) {
    assert(Math.abs(min - whole[1] * 0.25) < whole[1] * 0.02 && Math.abs(max - whole[1] * 0.75) < whole[1] * 0.02,
      `a plot shows ${min} to ${max} of ${whole[1]}`);
  }
  await page.mouse.dblclick(over.x + over.width * 0.5, over.y + 50);
  for (const shown of await range(page)) assert.deepEqual(shown, whole);
}

// Of many jobs a bar is narrower than a pixel, and the one beside it will do.
async function checkHover(page, exact) {
  const over = await page.locator(".u-over").first().boundingBox();
  await page.mouse.move(over.x + over.width * 0.1, over.y + 40);
  const legend = await page.locator(".u-legend").first().textContent();
  assert(/running:?\s*[\d.]+/.test(legend), legend);
  await page.evaluate(() => view.plots.at(-1).root.scrollIntoView({ block: "center" }));
  await nextFrame(page);
  const bar = await page.evaluate(() => {
    const { timeline } = view.data;
    const plot = view.plots.at(-1);
    const box = plot.over.getBoundingClientRect();
    const at = (timeline.from[0] + timeline.length[0] / 2) * timeline.unit;
    return { x: box.x + plot.valToPos(at, "x"), y: box.y + box.height / timeline.slots / 2, seq: timeline.seq[0] };
  });
  await page.mouse.move(bar.x, bar.y);
  const told = await page.textContent(".readout");
  assert((exact ? new RegExp(`job ${bar.seq}\\b`) : /attempts? from job \d|job \d/).test(told), told);
}

const fits = async (page) => assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "too wide");

const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
try {
  for (const colorScheme of ["light", "dark"]) {
    const { page, problems } = await open(browser, few, { colorScheme, viewport: { width: 1280, height: 900 } });
    await checkNumbers(page);
    await checkZoom(page);
    await checkHover(page, true);
    assert.deepEqual(problems, []);
    await page.close();
  }
  for (const [file, width, colorScheme] of [[few, 375, "dark"], [many, 375, "light"], [many, 1280, "dark"]]) {
    const { page, problems } = await open(browser, file, { colorScheme, viewport: { width, height: 800 } });
    await fits(page);
    if (file === many) {
      assert.equal(await page.textContent("[data-figure=done]"), count(1e6));
      await checkZoom(page);
      await checkHover(page, false);
      // The same page may be given what is newer.
      await page.evaluate(() => render(shown));
      assert.equal(await page.locator("h1").count(), 1);
    }
    assert.deepEqual(problems, []);
    await page.close();
  }
} finally {
  await browser.close();
}
