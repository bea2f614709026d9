// The address of the page as it is, copied.

import { announce, word } from "./words";

export function copying(): void {
  document.querySelectorAll<HTMLAnchorElement>("a.permalink").forEach((link) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = word("web-copy");
    button.addEventListener("click", () => {
      const url = new URL(link.href);
      url.search = location.search;
      void navigator.clipboard.writeText(url.href).then(() => {
        button.textContent = word("web-copied");
        announce(word("web-copied"));
      });
    });
    link.after(" ", button);
  });
}
