// A walk through the pages as a person takes it: node tests/walk.mjs ADDRESS [FOLDER FOR SCREENSHOTS].
// In both languages, with and without script, on a narrow and a wide screen, by keyboard, and as axe sees it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:8080", pictures] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const quiet = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const origin = new URL(base).origin;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let [passed, failed] = [0, 0];

function check(name, holds, found = "") {
  if (holds) passed += 1;
  else failed += 1;
  if (!holds) console.log(`FAILED ${name} ${found}`);
}

/** A context whose every request and fault is looked at. */
async function context(browser, name, options) {
  const made = await browser.newContext(options);
  made.setDefaultTimeout(8_000);
  made.on("request", (r) => {
    const own = r.url().startsWith(origin) || r.url().startsWith("data:") || r.url().startsWith(`blob:${origin}`);
    if (!own) check(`${name}: no request to elsewhere`, false, r.url());
  });
  made.on("page", (page) => {
    page.on("pageerror", (e) => check(`${name}: no fault in a page`, false, String(e)));
    page.on("console", (m) => {
      if (m.type() === "error" && !m.text().includes("404")) check(`${name}: nothing is complained of`, false, m.text());
    });
  });
  return made;
}

async function wide(page, name) {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  check(`${name}: the page is no wider than the screen`, width[0] <= width[1] + 1, width.join(" > "));
}

async function walk(browser, lang, script, size) {
  const name = `${lang} ${script ? "with" : "without"} script ${size.width}`;
  const all = await context(browser, name, { javaScriptEnabled: script, viewport: size, locale: lang });
  const page = await all.newPage();
  const picture = async (what) => {
    if (pictures) await page.screenshot({ path: `${pictures}/${lang}-${script ? "js" : "no"}-${size.width}-${what}.png` });
  };
  const text = (selector) => page.locator(selector).first().innerText();
  await page.goto(`${base}/${lang}/`);
  const edition = /\/e\/([0-9a-f]{16})\//.exec(page.url())?.[1];
  check(`${name}: the address holds the edition`, Boolean(edition), page.url());
  check(`${name}: countries stand in a list`, (await page.locator(".lists tbody a[href$='/SYR']").count()) === 1);
  check(`${name}: and on a map`, (await page.locator("svg.map a").count()) > 35);
  if (script) await wide(page, `${name} home`);
  await picture("home");

  await page.locator(".lists a[href$='/SYR']").first().click();
  check(`${name}: the country's name`, (await text("h1")) === (lang === "nl" ? "Syrië" : "Syria"));
  check(`${name}: fourteen areas`, (await page.locator(".explorer tbody tr").count()) === 14);
  if (script) await wide(page, `${name} country`);
  await picture("country");
  const before = await text(".steps strong");
  await page.locator(".steps a").nth(1).click();
  await page.waitForFunction?.((b) => document.querySelector(".steps strong")?.textContent !== b, before).catch(() => undefined);
  check(`${name}: a month back`, (await text(".steps strong")) !== before && page.url().includes("month=2019-11"), page.url());
  await page.locator("input[name=month]").fill("2018-03");
  await page.locator("select[name=criterion]").selectOption({ index: 2 });
  await page.locator(".explorer form button").click();
  await page.waitForURL(/month=2018-03/);
  await page.waitForTimeout(script ? 300 : 0);
  check(`${name}: a typed month`, (await text(".steps strong")).includes("2018"));
  check(`${name}: the criterion stays`, (await page.locator("select[name=criterion]").evaluate((s) => s.selectedIndex)) === 2);
  if (script) {
    await page.locator(".slider input").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/month=2018-04/);
    check(`${name}: the slider`, page.url().includes("month=2018-04"));
  }
  const shown = new URL(page.url()).search;
  const other = page.locator(".tools a[hreflang]");
  check(`${name}: the other language keeps what is shown`, ((await other.getAttribute("href")) ?? "").includes(shown.slice(1).split("&")[1] ?? "month"), `${await other.getAttribute("href")} ${shown}`);
  await page.locator(".explorer tbody tr[data-area=SY07] th a").click();
  await page.waitForURL(/areas\/SY07/);
  check(`${name}: an area's criteria`, (await page.locator("section.criterion").count()) >= 8);
  await picture("area");
  await page.goto(`${base}/${lang}/e/${edition}/SYR`);

  const value = page.locator("p.lead a.fig").first();
  await value.click();
  const where = script ? "dialog article.why" : "main article.why";
  await page.locator(`${where} li.record`).first().waitFor();
  check(`${name}: a value leads to its claim`, (await text(`${where} code`)).includes("refugees@origin=SYR"));
  check(`${name}: and to its records`, (await page.locator(`${where} li.record`).count()) > 5);
  await picture("why");
  if (script) {
    await page.keyboard.press("Escape");
    check(`${name}: closed, the value has the focus`, await value.evaluate((a) => a === document.activeElement));
    const toggle = page.locator(".chart-toggle").first();
    await toggle.click();
    await page.locator("figure.chart svg[class*=wegen-plot], figure.chart .wegen-plot").first().waitFor();
    check(`${name}: a chart that says each value`, (await toggle.getAttribute("aria-pressed")) === "true");
    await picture("chart");
  }
  await page.goto(`${base}/${lang}/e/${edition}/SYR`);
  const main = (await page.locator("main").innerText()).toLowerCase();
  check(`${name}: simulated scenarios with assumptions`, main.includes(lang === "nl" ? "wapenstilstand" : "ceasefire"));
  check(`${name}: people who died on the routes`, main.includes("iom"));

  for (const [what, wanted] of [["months&a=2017-12&b=2019-12", "table"], ["editions", "table"], ["areas&a=SY01&b=SY07", "table"]]) {
    await page.goto(`${base}/${lang}/e/${edition}/SYR/compare?what=${what}`);
    check(`${name}: compared, ${what}`, (await page.locator(`main ${wanted}`).count()) >= (what.startsWith("months") ? 0 : 1));
    if (script) await wide(page, `${name} compare`);
  }
  await page.locator(".tools a[hreflang]").click();
  check(`${name}: compared in the other language`, page.url().includes("what=areas&a=SY01&b=SY07") && page.url().includes(lang === "nl" ? "/en/" : "/nl/"), page.url());
  await page.goto(`${base}/${lang}/e/${edition}/SYR`);
  await page.emulateMedia({ media: "print" });
  check(`${name}: printed, nothing stands that is only clicked`, !(await page.locator(".controls").isVisible()));
  await all.close();
  return edition;
}

async function downloads(edition) {
  const api = `${base}/api/v1/editions/${edition}`;
  const got = async (url) => {
    const answer = await fetch(url);
    return [answer.status, answer.headers.get("content-type") ?? "", Buffer.from(await answer.arrayBuffer())];
  };
  for (const [url, type, begins] of [
    [`${api}/countries/SYR/conditions?format=csv`, "text/csv", "code,name"],
    [`${api}/countries/SYR/conditions?format=json`, "application/json", "{"],
    [`${api}/countries/SYR/conditions?format=geojson`, "application/geo+json", "{"],
    [`${base}/en/e/${edition}/SYR/report.pdf`, "application/pdf", "%PDF-1.7"],
    [`${api}/edition.sqlite`, "application/vnd.sqlite3", "SQLite format 3"],
  ]) {
    const [status, kind, bytes] = await got(url);
    check(`downloaded: ${url}`, status === 200 && kind.startsWith(type) && bytes.toString("latin1").startsWith(begins), `${status} ${kind}`);
  }
  const hxl = (await got(`${api}/countries/SYR/conditions?format=hxl`))[2].toString().split("\n");
  check("downloaded: hashtags below the header", hxl[1]?.startsWith("#adm+code") ?? false, hxl[1]);
}

async function keyboard(browser, edition) {
  const all = await context(browser, "keyboard", { viewport: { width: 1440, height: 900 } });
  const page = await all.newPage();
  await page.goto(`${base}/en/e/${edition}/SYR`);
  await page.keyboard.press("Tab");
  check("keyboard: the first stop leads to the text", (await page.evaluate(() => document.activeElement?.className)) === "skip");
  await page.keyboard.press("Enter");
  check("keyboard: and goes there", page.url().endsWith("#main"));
  await page.locator("p.lead a.fig").first().focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog article.why li.record").first().waitFor();
  await page.keyboard.press("Escape");
  check("keyboard: closed", !(await page.locator("dialog[open]").count()));
  await page.locator("svg.map a, .explorer tbody a").first().focus();
  await all.close();
}

async function accessible(browser, edition) {
  const all = await context(browser, "axe", { bypassCSP: true, viewport: { width: 1440, height: 900 } });
  const page = await all.newPage();
  const paths = ["", "SYR", "SYR/areas/SY07?month=2019-12", "why?claim=refugees@origin=SYR,year=2024", "SYR/compare?what=areas", "sources"];
  for (const url of [...paths.flatMap((p) => [`${base}/en/e/${edition}/${p}`, `${base}/nl/e/${edition}/${p}`]), `${base}/api/`]) {
    await page.goto(url);
    await page.waitForTimeout(400);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations);
    const grave = found.filter((v) => v.impact === "serious" || v.impact === "critical");
    const told = grave.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0]?.html.slice(0, 140)} ${v.nodes[0]?.failureSummary?.slice(0, 160)}`);
    check(`axe: ${url}`, grave.length === 0, told.join(" | "));
  }
  await all.close();
}

async function weight(browser) {
  const all = await context(browser, "weight", { javaScriptEnabled: false });
  const page = await all.newPage();
  const bodies = [];
  page.on("response", (r) => bodies.push(r.body().then((b) => b.length, () => 0)));
  const start = performance.now();
  await page.goto(`${base}/en/`, { waitUntil: "load" });
  const took = performance.now() - start;
  const bytes = (await Promise.all(bodies)).reduce((sum, n) => sum + n, 0);
  check("the first page is lighter than 200 kB", bytes < 200_000, `${bytes}`);
  check("and there within a second", took < 1_000, `${took}`);
  console.log(`the first page without script: ${bytes} bytes, ${took.toFixed(0)} ms`);
  await all.close();
}

const browser = await chromium.launch({ executablePath, args: [...quiet, "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] });
let edition = "";
for (const lang of ["nl", "en"]) {
  for (const script of [true, false]) {
    for (const size of [{ width: 360, height: 800 }, { width: 1440, height: 900 }]) {
      try {
        edition = (await walk(browser, lang, script, size)) ?? edition;
      } catch (e) {
        check(`${lang} ${script} ${size.width}: the walk`, false, String(e).slice(0, 300));
      }
    }
  }
}
await downloads(edition);
await keyboard(browser, edition);
await accessible(browser, edition);
await weight(browser);
const page = await browser.newPage();
await page.goto(`${base}/en/e/${edition}/SYR`);
const map = await page.locator(".map-box canvas").waitFor({ timeout: 8_000 }).then(() => true, () => false);
check("with WebGL the map can be moved", map);
if (pictures && map) {
  await page.waitForTimeout(800);
  await page.locator("figure[data-map]").screenshot({ path: `${pictures}/map.png` });
}
await browser.close();

const plain = await chromium.launch({ executablePath, args: [...quiet, "--disable-gpu", "--disable-3d-apis"] });
const without = await plain.newPage();
await without.goto(`${base}/en/e/${edition}/SYR`);
await without.waitForTimeout(800);
check("without WebGL the drawing stays", await without.locator("figure[data-map] svg.map").isVisible());
await plain.close();

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
