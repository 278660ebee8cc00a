"use strict";
// Filters, sorts and opens what the page has already. It reads no address, stores nothing and asks nobody.
(() => {
  const all = (selector, place = document) => Array.from(place.querySelectorAll(selector));
  const words = new WeakMap();
  const textOf = (item) => {
    if (!words.has(item)) words.set(item, item.textContent.toLowerCase());
    return words.get(item);
  };
  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  const order = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : compare(one, other));

  for (const filter of all("[data-filters]")) {
    const items = all("[data-item]", document.getElementById(filter.dataset.filters));
    const search = filter.querySelector("input");
    const group = filter.querySelector("select");
    const says = filter.querySelector("output");
    const apply = () => {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const item of items) {
        const fits = (!group || !group.value || item.dataset.group === group.value)
          && wanted.every((word) => textOf(item).includes(word));
        item.hidden = !fits;
        left += fits;
      }
      says.textContent = left === items.length ? `${left} ${says.dataset.what}` : `${left} of ${items.length} ${says.dataset.what}`;
    };
    search.addEventListener("input", apply);
    if (group) group.addEventListener("change", apply);
    filter.hidden = items.length < 2;
    apply();
  }

  const keyOf = (cell) => (cell.dataset.sort !== undefined ? Number(cell.dataset.sort) : cell.textContent.trim());
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = Array.from(body.rows, (row) => [keyOf(row.cells[Math.min(column, row.cells.length - 1)]), row]);
        rows.sort((one, other) => (down ? -1 : 1) * order(one[0], other[0]));
        body.append(...rows.map((pair) => pair[1]));
      });
    });
  }

  for (const place of all("[data-sorts]")) {
    const list = document.getElementById(place.dataset.sorts);
    const original = all("[data-item]", list);
    const by = { set: (item) => item.dataset.set, name: (item) => item.dataset.name, count: (item) => -Number(item.dataset.count) };
    place.hidden = original.length < 2;
    place.querySelector("select").addEventListener("change", (event) => {
      const key = by[event.target.value];
      const sorted = key ? original.slice().sort((one, other) => order(key(one), key(other))) : original;
      list.append(...sorted);
    });
  }

  for (const button of all("[data-open]")) {
    button.addEventListener("click", () => {
      const opening = button.textContent === "Open all";
      for (const one of all("details", document.getElementById(button.dataset.open))) one.open = opening && !one.hidden;
      button.textContent = opening ? "Close all" : "Open all";
    });
  }

  // A printed page can't be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();
