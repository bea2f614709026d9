// Steps through months and criteria without loading the whole page; the address always says what is shown.

import { announce, word } from "./words";

const index = (month: string): number => {
  const [year, of] = month.split("-").map(Number);
  return (year ?? 0) * 12 + (of ?? 1) - 1;
};
const month = (at: number): string => `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`;

let latest = 0;
let endMap: (() => void) | undefined;

/** Shows what another address of the same page shows; leaves the page where that cannot be. */
async function go(section: HTMLElement, url: URL, focus: string): Promise<void> {
  const turn = ++latest;
  section.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector<HTMLElement>("section.explorer");
    if (turn !== latest) return;
    if (!answer.ok || !next) throw new Error(answer.statusText);
    endMap?.();
    endMap = undefined;
    section.replaceWith(next);
    url.hash = "";
    history.replaceState(null, "", url);
    // The other language and the other editions say the same month.
    const others = page.querySelectorAll(".top a");
    const own = document.querySelectorAll(".top a");
    if (others.length === own.length) own.forEach((a, at) => a.setAttribute("href", others[at]?.getAttribute("href") ?? ""));
    explorer(next);
    next.querySelector<HTMLElement>(focus)?.focus();
    announce(next.querySelector(".steps strong")?.textContent ?? "");
  } catch {
    if (turn === latest) location.assign(url);
  }
}

export function explorer(section: HTMLElement): void {
  const { first = "", last = "", now = "" } = section.dataset;
  const steps = section.querySelector<HTMLElement>(".steps");
  if (steps && first && last) {
    const label = document.createElement("label");
    label.className = "slider";
    const name = document.createElement("span");
    name.textContent = word("web-slider");
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = String(Math.min(index(first), index(now)));
    slider.max = String(Math.max(index(last), index(now)));
    slider.value = String(index(now));
    slider.setAttribute("aria-valuetext", now);
    const shown = document.createElement("output");
    shown.textContent = now;
    slider.addEventListener("input", () => {
      shown.textContent = month(Number(slider.value));
      slider.setAttribute("aria-valuetext", shown.textContent);
    });
    slider.addEventListener("change", () => {
      const url = new URL(location.href);
      url.searchParams.set("month", month(Number(slider.value)));
      void go(section, url, ".slider input");
    });
    label.append(name, slider, shown);
    steps.after(label);
  }
  section.querySelectorAll<HTMLAnchorElement>(".steps a").forEach((link, at) => {
    link.addEventListener("click", (event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      void go(section, new URL(link.href), `.steps a:nth-of-type(${at + 1})`);
    });
  });
  section.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const url = new URL(form.action);
    new FormData(form).forEach((value, key) => url.searchParams.set(key, String(value)));
    void go(section, url, "form button");
  });
  const map = section.querySelector<HTMLElement>('figure[data-map="areas"]');
  if (map?.querySelector("svg") && webgl()) {
    void import("./map").then(async ({ areas }) => {
      const end = await areas(section, map);
      if (section.isConnected) endMap = end;
      else end?.();
    }).catch(() => undefined);
  }
}

function webgl(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}
