"use strict";
(() => {
  const form = document.querySelector("#course .filters");
  if (!form) return;
  const rows = document.getElementById("course-table").tBodies[0].rows;
  const shown = document.getElementById("shown");
  const filter = () => {
    const want = new FormData(form);
    const words = want.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const row of rows) {
      const text = row.cells[0].textContent.toLowerCase();
      row.hidden = want.get("moved") === "yes" && !row.dataset.moved || !words.every(w => text.includes(w));
      n += !row.hidden;
    }
    shown.textContent = `${n} of ${rows.length} comparisons`;
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", e => e.preventDefault());
})();
