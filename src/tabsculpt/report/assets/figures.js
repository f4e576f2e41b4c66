// ---- blocks: figures of a kind, one at a time
const blocks = [];
function block(spec) {
  const keys = [...new Set(spec.figures.flatMap((f) => Object.keys(f.where)))].reduce((kept, k) => {
    const values = {}; // of k, by what the keys before it already tell
    for (const f of spec.figures) (values[kept.map((other) => f.where[other]).join("\n")] ||= new Set()).add(f.where[k]);
    return Object.values(values).some((of) => of.size > 1) ? [...kept, k] : kept;
  }, []);
  const state = { figure: spec.figures[0], hidden: new Set() };
  const title = make("h3");
  const picks = make("div", { class: "picks" });
  const legend = make("div", { class: "legend" });
  const plot = make("div", { class: "plot" });
  const caption = make("figcaption");
  const save = make("button", { class: "button", title: "Save this figure as SVG", onclick: () => saveSvg(plot, state.figure.name) }, "SVG");
  const node = make("figure", { id: `figure-${spec.name}`, "data-block": spec.name }, make("div", { class: "head" }, title, save), picks, legend, plot, caption);
  const pick = (k, value) => {
    const fits = spec.figures.filter((f) => f.where[k] === value);
    if (!fits.length) return;
    const alike = (f) => keys.filter((other) => f.where[other] === state.figure.where[other]).length;
    state.figure = fits.reduce((best, f) => (alike(f) > alike(best) ? f : best));
    show();
  };
  function show() {
    const figure = state.figure;
    const fixed = Object.entries(figure.where).filter(([k, v]) => v && !keys.includes(k) && ["dataset", "generator"].includes(k)).map(([, v]) => v);
    title.textContent = [figure.title, ...fixed].join(" · ");
    picks.replaceChildren(...keys.filter((k) => k in figure.where).map((k) => {
      const values = [...new Set(spec.figures.map((f) => f.where[k]).filter((v) => v !== undefined))];
      const select = make("select", { "aria-label": `${spec.heading}: ${k}`, onchange: (event) => pick(k, event.target.value) });
      for (const value of values) select.append(make("option", { value, ...(figure.where[k] === value ? { selected: "" } : {}) }, value || "–"));
      return make("label", {}, k, select);
    }));
    legend.replaceChildren(...(figure.series.length > 1 ? figure.series : []).map((series) => make("button", {
      type: "button", "aria-pressed": String(!state.hidden.has(series)),
      onclick: () => { state.hidden.has(series) ? state.hidden.delete(series) : state.hidden.add(series); show(); },
    }, key(series), series)));
    caption.textContent = figure.caption;
    draw(figure, plot, state.hidden);
  }
  blocks.push({ show, pick });
  return { node, show };
}

function saveSvg(plot, name) {
  const root = getComputedStyle(document.documentElement);
  const svg = plot.querySelector("svg").cloneNode(true);
  svg.setAttribute("xmlns", NS);
  svg.setAttribute("font-family", "sans-serif");
  svg.setAttribute("font-size", "12");
  svg.querySelectorAll("text:not([style])").forEach((text) => text.setAttribute("fill", root.getPropertyValue("--ink").trim()));
  const text = svg.outerHTML.replace(/var\((--\w+)\)/g, (_, variable) => root.getPropertyValue(variable).trim());
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), download: `${name}.svg` });
  link.click();
}
