"use strict";
(() => {
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const shown = document.getElementById("shown");
  const filters = document.querySelector("#comparisons .filters");
  const total = Number(shown.textContent.match(/of (\d+)/)[1]);

  // unpack reads what the page holds compressed: gzip in base64 for addresses.
  async function unpack(id) {
    const text = document.getElementById(id).textContent.trim();
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(plain).text());
  }

  let parts; // a promise, once somebody asked
  const getParts = () => parts ??= unpack("parts");

  // The HTML of the parts comes from the same templates as the page; the
  // policy of the page lets nothing in it run.
  function fragment(html) {
    const t = document.createElement("template");
    t.innerHTML = html;
    return t.content;
  }

  let complete; // whether all rows are in the table
  const completed = () => complete ??= body.rows.length === total ? Promise.resolve() :
    getParts().then(p => { body.append(fragment(p.rows.join(""))); prepare(body.rows); });

  function prepare(rows) {
    for (const row of rows) {
      const button = row.querySelector(".more");
      if (!button) continue;
      button.hidden = false;
      button.setAttribute("aria-label", "details of " + [row.dataset.candidate, row.querySelector(".probe").textContent, row.querySelector(".group").textContent].join(", "));
    }
  }

  async function toggle(button) {
    const row = button.closest("tr");
    if (button.getAttribute("aria-expanded") === "true") {
      row.nextElementSibling.remove();
      button.setAttribute("aria-expanded", "false");
      return;
    }
    button.setAttribute("aria-expanded", "true");
    const { details } = await getParts();
    const cell = document.createElement("td");
    cell.colSpan = row.cells.length;
    cell.append(fragment(details[row.dataset.place]));
    const opened = document.createElement("tr");
    opened.className = "opened";
    opened.append(cell);
    row.after(opened);
  }

  const closeAll = () => {
    for (const opened of body.querySelectorAll("tr.opened")) {
      opened.previousElementSibling.querySelector(".more").setAttribute("aria-expanded", "false");
      opened.remove();
    }
  };

  async function filter() {
    await completed();
    closeAll();
    const want = new FormData(filters);
    const words = want.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      const fits = ["candidate", "harm", "pack", "verdict"].every(k => !want.get(k) || row.dataset[k] === want.get(k)) && words.every(w => text.includes(w));
      row.hidden = !fits;
      n += fits;
    }
    shown.textContent = `${n} of ${total} comparisons`;
  }

  const severity = ["fail", "inconclusive", "uninformative", "pass"];
  const collator = new Intl.Collator("en", { numeric: true });
  const order = {
    probe: r => r.querySelector(".probe").textContent,
    group: r => r.querySelector(".group").textContent,
    candidate: r => r.dataset.candidate,
    n: r => Number(r.dataset.n),
    change: r => r.dataset.change === "" ? Infinity : Number(r.dataset.change),
    verdict: r => severity.indexOf(r.dataset.verdict),
  };

  async function sort(head) {
    await completed();
    closeAll();
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const th of table.tHead.rows[0].cells) th.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = order[head.dataset.sort];
    const keyed = [...body.rows].map(r => [key(r), r]);
    // What is undefined stays last in both directions, and equals stay with
    // the worst first; within a probe all cases go before the groups.
    keyed.sort(([a, x], [b, y]) => {
      if (a === Infinity || b === Infinity) return (a === Infinity) - (b === Infinity) || x.dataset.place - y.dataset.place;
      const c = typeof a === "number" ? a - b : collator.compare(a, b);
      return (down ? -c : c) || x.dataset.place - y.dataset.place;
    });
    body.append(...keyed.map(([, r]) => r));
  }

  for (const th of table.tHead.querySelectorAll("[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(th.firstChild);
    th.prepend(button);
    button.addEventListener("click", () => sort(th));
  }
  prepare(body.rows);
  body.addEventListener("click", e => { if (e.target.matches(".more")) toggle(e.target); });
  filters.hidden = false;
  filters.addEventListener("input", filter);
  filters.addEventListener("reset", () => setTimeout(filter));
  filters.addEventListener("submit", e => e.preventDefault());

  // The pairs.
  const browse = document.getElementById("browse");
  if (browse) {
    const open = document.getElementById("open");
    const form = browse.querySelector(".filters");
    const found = document.getElementById("found");
    const list = document.getElementById("list");
    const pager = browse.querySelector(".pager");
    const size = 20;
    let data, hits = [], page = 0;

    const node = (tag, name, ...children) => {
      const e = document.createElement(tag);
      if (name) e.className = name;
      e.append(...children);
      return e;
    };
    const icon = kind => {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("aria-hidden", "true");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", "#i-" + kind);
      svg.append(use);
      return svg;
    };
    // A piece that the other answer lacks stands between two private code points.
    const spans = text => text.split("\ue000").flatMap((piece, i) => {
      if (i === 0) return [piece];
      const [differs, same] = piece.split("\ue001");
      return [node("mark", "", differs), same];
    });
    // The columns of a pair, in the order in which the report packs them.
    const columns = ["candidates", "probes", "places", "groups", "cases", "prompts", "wants", "outcomes", "answers", "outcomes", "answers"];
    const [CANDIDATE, PROBE, PLACE, GROUPS, CASE, PROMPT, WANT, OUTCOME, ANSWER, OUTCOME2, ANSWER2] = columns.keys();
    const value = (pair, column) => data[columns[column]][data.columns[column][pair]];
    const first = text => text.split(" ")[0];
    const kindOf = p => {
      const [r, c] = [first(value(p, OUTCOME)), first(value(p, OUTCOME2))];
      if (r === "undecided" || c === "undecided") return "undecided";
      if (r === c) return "both " + r;
      return r === "pass" ? "lost" : "gained";
    };
    const answer = (model, outcome, text) => {
      const quote = node("blockquote", "", ...(text ? spans(text) : [node("i", "", "nothing")]));
      quote.dir = "auto";
      return node("div", "answer", node("p", "", node("strong", "", model), " ", node("span", "badge " + first(outcome), icon(first(outcome)), outcome)), quote);
    };
    const described = (term, text) => {
      const dd = node("dd", "", text);
      dd.dir = "auto";
      return [node("dt", "", term), dd];
    };
    const shownPair = p => {
      const kind = kindOf(p), groups = value(p, GROUPS);
      const title = node("h3", "", node("span", "dir " + kind, kind), ` ${value(p, CASE)} `,
        node("small", "", `${value(p, CANDIDATE)}, ${value(p, PLACE)}${groups ? ", " + groups : ""}`));
      return node("article", "flip", title, node("dl", "", ...described("asked", value(p, PROMPT)), ...described("want", value(p, WANT))),
        node("div", "both", answer(browse.dataset.reference, value(p, OUTCOME), value(p, ANSWER)), answer(value(p, CANDIDATE), value(p, OUTCOME2), value(p, ANSWER2))));
    };
    const draw = () => {
      const from = page * size, to = Math.min(from + size, hits.length);
      list.replaceChildren(...hits.slice(from, to).map(shownPair));
      found.textContent = hits.length ? `${from + 1} to ${to} of ${hits.length} pairs` : "no pair fits";
      pager.hidden = hits.length <= size;
      document.getElementById("back").disabled = page === 0;
      document.getElementById("on").disabled = to === hits.length;
    };
    const choose = () => {
      const want = new FormData(form);
      const candidate = data.candidates.indexOf(want.get("candidate")), probe = data.probes.indexOf(want.get("probe"));
      const kind = want.get("kind"), words = want.get("text").toLowerCase().split(/\s+/).filter(Boolean);
      const searched = [PROBE, GROUPS, CASE, PROMPT, WANT, OUTCOME, ANSWER, OUTCOME2, ANSWER2];
      hits = [...data.columns[0].keys()].filter(p => {
        if (candidate >= 0 && data.columns[CANDIDATE][p] !== candidate || probe >= 0 && data.columns[PROBE][p] !== probe) return false;
        const k = kindOf(p);
        if (kind === "flip" ? k !== "lost" && k !== "gained" : kind && k !== kind) return false;
        if (!words.length) return true;
        const text = searched.map(c => value(p, c)).join("\n").replaceAll(/[\ue000\ue001]/g, "").toLowerCase();
        return words.every(w => text.includes(w));
      });
      page = 0;
      draw();
    };
    open.hidden = false;
    open.addEventListener("click", async () => {
      open.disabled = true;
      document.getElementById("opening").textContent = "unpacking…";
      data = await unpack("cases");
      for (const column of data.columns) for (let i = 1; i < column.length; i++) column[i] += column[i - 1];
      document.getElementById("opening").textContent = "";
      open.hidden = true;
      form.hidden = false;
      choose();
      form.elements.text.focus();
    });
    const turn = by => { page += by; draw(); document.getElementById("pairs").scrollIntoView(); };
    document.getElementById("back").addEventListener("click", () => turn(-1));
    document.getElementById("on").addEventListener("click", () => turn(1));
    form.addEventListener("input", choose);
    form.addEventListener("reset", () => setTimeout(choose));
    form.addEventListener("submit", e => e.preventDefault());
  }

  // On paper everything that stands in the page is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const d of closed) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of closed) d.open = false; });
})();
