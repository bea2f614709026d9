// Charts that say each value exactly, in place of the drawing where the reader asks for it.

import { word } from "./words";

interface Cell {
  row: string;
  column: string;
  value: number | null;
  shown: string;
}

const COLOURS = ["#142c54", "#e69f00", "#007282", "#943438", "#78b4d2", "#5a5a5a"];
const TOTALS = ["total", "organised-violence", "rate", "substance"];

async function draw(figure: HTMLElement, claim: string): Promise<Element> {
  const Plot = await import("./plot");
  const [, lang = "en", , edition = "latest"] = location.pathname.split("/");
  const answer = await fetch(`/api/v1/editions/${edition}/figures/${encodeURIComponent(claim)}?lang=${lang}`);
  if (!answer.ok) throw new Error(answer.statusText);
  const { cells } = (await answer.json()) as { cells: Cell[] };
  const keys = [...new Set(cells.map((c) => c.column))];
  const head = [...figure.querySelectorAll("details thead th")].slice(1).map((th) => th.textContent ?? "");
  const name = (key: string): string => head[keys.indexOf(key)] ?? key;
  const drawn = keys.filter((key) => !TOTALS.includes(key));
  const rows = cells.filter((c) => drawn.includes(c.column)).map((c) => ({ x: c.row, y: c.value, series: name(c.column), shown: c.shown }));
  const years = rows.every((r) => /^\d{4}$/.test(r.x));
  const plot = Plot.plot({
    className: "wegen-plot",
    width: Math.max(320, Math.min(figure.clientWidth, 860)),
    height: 340,
    marginLeft: 70,
    marginBottom: 40,
    x: { label: null, ...(years ? { tickFormat: (d: string) => d } : {}), type: "point", ticks: [...new Set(rows.map((r) => r.x))].filter((_, i, all) => i % Math.ceil(all.length / 10) === 0) },
    y: { label: null, grid: true, zero: true, tickFormat: (d: number) => d.toLocaleString(lang) },
    color: { legend: true, domain: drawn.map(name), range: COLOURS },
    symbol: { legend: false, domain: drawn.map(name) },
    marks: [
      Plot.ruleY([0]),
      Plot.line(rows, { x: "x", y: "y", stroke: "series" }),
      Plot.dot(rows, { x: "x", y: "y", stroke: "series", symbol: "series", fill: "white", channels: { shown: "shown" }, tip: { format: { x: true, y: false, stroke: true, symbol: false, shown: true } } }),
      // What nobody reports is marked on the axis, and is no zero.
      Plot.text(rows.filter((r) => r.y === null), { x: "x", y: 0, text: () => "×", dy: -8 }),
    ],
  });
  // Its style would stand in the page, which allows none; the style sheet has it.
  plot.querySelectorAll("style").forEach((style) => style.remove());
  return plot;
}

export function chart(figure: HTMLElement): void {
  const drawing = figure.querySelector<HTMLElement>(".drawing");
  const claim = figure.dataset.claim;
  if (!drawing || !claim) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain chart-toggle";
  button.textContent = "⤢";
  button.setAttribute("aria-label", figure.dataset.title ?? claim);
  button.setAttribute("aria-pressed", "false");
  let plot: Element | undefined;
  let told: HTMLElement | undefined;
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") === "true";
    if (on) {
      plot?.remove();
      drawing.hidden = false;
      button.setAttribute("aria-pressed", "false");
      return;
    }
    told?.remove();
    const state = document.createElement("p");
    told = state;
    state.className = "state";
    state.setAttribute("role", "status");
    state.textContent = word("web-loading");
    drawing.after(state);
    draw(figure, claim).then(
      (made) => {
        if (told !== state) return;
        plot = made;
        state.replaceWith(made);
        drawing.hidden = true;
        button.setAttribute("aria-pressed", "true");
      },
      () => {
        state.className = "state error";
        state.textContent = word("web-failed");
      },
    );
  });
  figure.querySelector("figcaption")?.append(" ", button);
}
