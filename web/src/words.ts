// Words in the reader's language, as the page gives them.

const given = document.querySelector<HTMLMetaElement>('meta[name="wegen-words"]')?.content ?? "{}";
const all = JSON.parse(given) as Record<string, string>;

export function word(id: string): string {
  return all[id] ?? id;
}

let live: HTMLElement | undefined;

/** Says something to whoever does not see that the page changed. */
export function announce(text: string): void {
  if (!live) {
    live = document.createElement("div");
    live.className = "sr";
    live.setAttribute("aria-live", "polite");
    document.body.append(live);
  }
  live.textContent = text;
}
