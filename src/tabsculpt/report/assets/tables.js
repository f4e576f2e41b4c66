// ---- tables: sort, filter, and open a row for its jobs
const tables = [];
function table(spec) {
  const state = { sort: null, down: false, search: "", only: {}, limit: 25, open: new Set() };
  const index = Object.fromEntries(spec.columns.map((c, i) => [c.name, i]));
  const empty = spec.columns.map((c, i) => spec.rows.every((row) => row[i] === null || row[i] === ""));
  const head = make("tr");
  const body = make("tbody");
  const count = make("span", { class: "soft" });
  const more = make("button", { class: "button more", onclick: () => { state.limit += 200; show(); } }, "show more");
  const tools = make("div", { class: "tools" });
  const search = make("input", { type: "search", placeholder: "filter rows", "aria-label": `Filter ${spec.heading}`, oninput: (event) => { state.search = event.target.value.toLowerCase(); show(); } });
  tools.append(search);
  for (const column of spec.columns.filter((c) => c.kind === "text")) {
    const values = [...new Set(spec.rows.map((row) => row[index[column.name]]).filter((v) => v !== null && v !== ""))];
    if (values.length < 2 || values.length > 24 || values.some((v) => String(v).length > 60)) continue;
    const select = make("select", { "aria-label": `${spec.heading}: ${column.label}`, onchange: (event) => { state.only[column.name] = event.target.value; show(); } }, make("option", { value: "" }, "all"));
    for (const value of values.sort()) select.append(make("option", { value }, value));
    tools.append(make("label", {}, column.label, select));
  }
  tools.append(count);
  if (spec.jobs) head.append(make("th", { "aria-label": "details" }));
  spec.columns.forEach((column, i) => {
    head.append(make("th", { class: column.kind === "number" ? "num" : "", scope: "col" }, make("button", {
      type: "button", title: column.help || null,
      onclick: () => { state.down = state.sort === i ? !state.down : false; state.sort = i; show(); },
    }, column.label)));
  });
  [...head.children].slice(spec.jobs ? 1 : 0).forEach((th, i) => { th.hidden = empty[i]; });
  const heads = () => [...head.children].slice(spec.jobs ? 1 : 0);
  const rowsShown = () => {
    let rows = spec.rows.map((row, i) => [row, i]);
    for (const [name, value] of [...Object.entries(state.only), ...Object.entries(chosen)])
      if (value && name in index) rows = rows.filter(([row]) => [value, "none", "", null].includes(row[index[name]]) && (name in chosen || row[index[name]] === value));
    if (state.search) rows = rows.filter(([row]) => row.some((v) => v !== null && String(v).toLowerCase().includes(state.search)));
    if (state.sort !== null) {
      const sign = state.down ? -1 : 1;
      rows.sort(([a], [b]) => {
        const [x, y] = [a[state.sort], b[state.sort]];
        if (x === y) return 0;
        if (x === null || y === null) return x === null ? 1 : -1;
        return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
      });
    }
    return rows;
  };
  function show() {
    const rows = rowsShown();
    count.textContent = `${rows.length} of ${spec.rows.length} rows`;
    heads().forEach((th, i) => th.setAttribute("aria-sort", state.sort === i ? (state.down ? "descending" : "ascending") : "none"));
    body.replaceChildren();
    for (const [row, i] of rows.slice(0, state.limit)) {
      const line = make("tr");
      if (spec.jobs) {
        const toggle = () => { state.open.has(i) ? state.open.delete(i) : state.open.add(i); show(); };
        line.append(make("td", {}, make("button", { class: "open", type: "button", "aria-expanded": String(state.open.has(i)), "aria-label": "configuration and seeds", onclick: toggle }, state.open.has(i) ? "▾" : "▸")));
      }
      spec.columns.forEach((column, c) => {
        if (empty[c]) return;
        const value = row[c];
        const tone = column.signed && typeof value === "number" ? (value > 0 ? " good" : value < 0 ? " bad" : "") : "";
        const text = column.signed && typeof value === "number" ? (value > 0 ? "▲ " : value < 0 ? "▼ " : "") + short(Number(Math.abs(value).toFixed(1))) : short(value);
        line.append(make("td", { class: (column.kind === "number" ? "num" : column.kind === "long" ? "long" : "") + tone }, value === null || value === "" ? "–" : text));
      });
      body.append(line);
      if (state.open.has(i)) body.append(make("tr", { class: "detail" }, make("td", { colspan: spec.columns.length + 1 }, details(spec.jobs[i]))));
    }
    more.style.display = rows.length > state.limit ? "" : "none";
  }
  tables.push({ show });
  const node = make("div", { class: "tabled", id: `table-${spec.name}` }, make("h3", {}, spec.heading), spec.note ? make("p", { class: "soft" }, spec.note) : null, tools, make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, head), body)), more);
  return { node, show };
}

function details(jobs) {
  const inside = make("div", { class: "inside" });
  for (const name of jobs.slice(0, 50)) {
    const job = data.jobs[name];
    if (!job) { inside.append(make("p", {}, `job ${name}: its configuration is not in the table of jobs`)); continue; }
    const settings = Object.fromEntries(Object.entries(job.settings).map(([k, i]) => [k, data.interned[i]]));
    inside.append(make("p", {}, make("b", {}, `job ${name}`), ` · seed ${job.seed}, split seed ${job.split_seed} · ${job.rows} rows, ${job.not_ok} not ok`), make("pre", {}, job.command), make("details", {}, make("summary", {}, "all settings"), make("pre", {}, JSON.stringify(settings, null, 1))));
  }
  if (jobs.length > 50) inside.append(make("p", {}, `and ${jobs.length - 50} more jobs`));
  return inside;
}
