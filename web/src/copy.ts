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
      const done = (): void => {
        button.textContent = word("web-copied");
        announce(word("web-copied"));
      };
      // Where nothing can be copied the address itself is selected.
      const select = (): void => getSelection()?.selectAllChildren(link);
      if (navigator.clipboard) navigator.clipboard.writeText(url.href).then(done, select);
      else select();
    });
    link.after(" ", button);
  });
}
