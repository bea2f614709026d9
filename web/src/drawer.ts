// Where a value comes from, beside the value: the page behind its link, shown in a dialog.

import { word } from "./words";

const pages = new Map<string, Promise<Element>>();

async function load(url: string): Promise<Element> {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const article = page.querySelector("main article.why");
  if (!answer.ok || !article) {
    throw new Error(page.querySelector("main .state")?.textContent ?? answer.statusText);
  }
  article.querySelectorAll("a[href]").forEach((link) => {
    link.setAttribute("href", new URL(link.getAttribute("href") ?? "", url).href);
  });
  return article;
}

function leads(link: HTMLAnchorElement): boolean {
  const url = new URL(link.href);
  return url.origin === location.origin && url.pathname.endsWith("/why") && (url.searchParams.has("claim") || url.searchParams.has("record"));
}

export function drawer(): void {
  const dialog = document.createElement("dialog");
  dialog.className = "drawer-dialog";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.textContent = word("label-close");
  const content = document.createElement("div");
  dialog.append(close, content);
  document.body.append(dialog);
  let from: HTMLElement | null = null;
  let wanted = "";

  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => from?.focus());

  async function show(url: string): Promise<void> {
    wanted = url;
    const told = document.createElement("p");
    told.className = "state";
    told.setAttribute("role", "status");
    told.textContent = word("web-loading");
    content.replaceChildren(told);
    try {
      const page = pages.get(url) ?? load(url);
      pages.set(url, page);
      const article = (await page).cloneNode(true) as Element;
      if (wanted !== url) return;
      const title = article.querySelector("h1");
      if (title) {
        title.id = "drawer-title";
        dialog.setAttribute("aria-labelledby", title.id);
      }
      content.replaceChildren(article);
    } catch {
      pages.delete(url);
      if (wanted !== url) return;
      told.className = "state error";
      told.setAttribute("role", "alert");
      const link = document.createElement("a");
      link.href = url;
      link.target = "_self";
      link.dataset.direct = "";
      link.textContent = word("web-failed");
      told.replaceChildren(link);
    }
    dialog.scrollTop = 0;
  }

  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!(link instanceof HTMLAnchorElement) || !plain || event.defaultPrevented || "direct" in link.dataset || !leads(link)) return;
    event.preventDefault();
    if (!dialog.open) {
      from = link;
      dialog.showModal();
    }
    void show(link.href);
  });
}
