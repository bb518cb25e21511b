/** Slack's data_visualization block as an SVG picture with a table for screen readers. */

import { h, svg } from "./dom.js";

const WIDE = 560;
const HIGH = 240;
const PAD = { left: 48, right: 12, top: 12, bottom: 44 };
const colour = (index) => `var(--chart-${(index % 6) + 1})`;
const short = (label, most = 12) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);
const number = (value) =>
  new Intl.NumberFormat("en-GB", {
    notation: Math.abs(value) >= 10_000 ? "compact" : "standard",
    maximumFractionDigits: 2,
  }).format(value);

/** The chart of a block {title, chart}, or null when its shape isn't one that Slack knows. */
export function chart(block) {
  const drawn = block.chart?.type === "pie" ? pie(block.chart) : axes(block.chart);
  if (!drawn) return null;
  return h("figure", { class: "chart" }, h("figcaption", {}, block.title ?? ""), drawn);
}

function axes(one) {
  const series = one?.series;
  if (!["line", "bar", "area"].includes(one?.type) || !Array.isArray(series) || !series.length) return null;
  const categories = one.axis_config?.categories ?? series[0].data.map((point) => point.label);
  const rows = series.map((each) =>
    categories.map((label) => each.data.find((point) => point.label === label)?.value ?? null),
  );
  const { low, high, step } = ticks(rows.flat().filter((value) => value !== null));
  const y = (value) => PAD.top + (HIGH - PAD.top - PAD.bottom) * (1 - (value - low) / (high - low));
  const slot = (WIDE - PAD.left - PAD.right) / categories.length;
  const x = (index) => PAD.left + slot * (index + 0.5);
  const paint = { line: lines, area: areas, bar: bars }[one.type];
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true", class: "chart-picture" },
    grid(low, high, step, y),
    labels(categories, slot, x),
    axisNames(one.axis_config ?? {}),
    paint({ rows, x, y, slot, low, series, categories }),
  );
  return [picture, series.length > 1 && legend(series.map((each) => each.name)), spoken(categories, series, rows)];
}

function ticks(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values) || (low < 0 ? 0 : 4);
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((candidate) => candidate >= rough);
  return { low: Math.floor(low / step) * step, high: Math.ceil(high / step) * step, step };
}

function grid(low, high, step, y) {
  const lines = [];
  for (let value = low; value <= high + step / 2; value += step) {
    lines.push(
      svg("line", {
        x1: PAD.left,
        x2: WIDE - PAD.right,
        y1: y(value),
        y2: y(value),
        class: Math.abs(value) < step / 1e6 ? "zero" : "grid",
      }),
      svg("text", { x: PAD.left - 8, y: y(value) + 4, "text-anchor": "end" }, number(Math.round(value * 1e6) / 1e6)),
    );
  }
  return lines;
}

function labels(categories, slot, x) {
  const every = Math.ceil(44 / slot);
  return categories.map(
    (label, index) =>
      index % every === 0 &&
      svg(
        "text",
        { x: x(index), y: HIGH - PAD.bottom + 16, "text-anchor": "middle" },
        short(label, Math.max(4, Math.floor((slot * every) / 6.5))),
      ),
  );
}

function axisNames(config) {
  return [
    config.x_label &&
      svg(
        "text",
        { x: (WIDE + PAD.left) / 2, y: HIGH - 8, "text-anchor": "middle", class: "axis-name" },
        config.x_label,
      ),
    config.y_label &&
      svg(
        "text",
        {
          transform: `translate(12 ${(HIGH - PAD.bottom) / 2}) rotate(-90)`,
          "text-anchor": "middle",
          class: "axis-name",
        },
        config.y_label,
      ),
  ];
}

const known = (row) => row.map((value, index) => [index, value]).filter(([, value]) => value !== null);
const tip = (series, label, value) => svg("title", {}, `${series.name ?? ""} ${label}: ${number(value)}`);

function lines({ rows, x, y, series, categories }) {
  return rows.map((row, which) => [
    svg("polyline", {
      points: known(row)
        .map(([index, value]) => `${x(index)},${y(value)}`)
        .join(" "),
      style: `stroke:${colour(which)}`,
      class: "line",
    }),
    known(row).map(([index, value]) =>
      svg(
        "circle",
        { cx: x(index), cy: y(value), r: 3.5, style: `fill:${colour(which)}` },
        tip(series[which], categories[index], value),
      ),
    ),
  ]);
}

function areas(all) {
  const floor = all.y(Math.max(0, all.low));
  return [
    all.rows.map((row, which) => {
      const points = known(row).map(([index, value]) => `${all.x(index)},${all.y(value)}`);
      const ends = known(row);
      if (!ends.length) return null;
      return svg("polygon", {
        points: `${all.x(ends[0][0])},${floor} ${points.join(" ")} ${all.x(ends.at(-1)[0])},${floor}`,
        style: `fill:${colour(which)}`,
        class: "area",
      });
    }),
    lines(all),
  ];
}

function bars({ rows, x, y, slot, series, categories }) {
  const wide = Math.min(34, (slot * 0.72) / rows.length);
  return rows.map((row, which) =>
    known(row).map(([index, value]) => {
      const left = x(index) + (which - rows.length / 2) * wide;
      return svg(
        "rect",
        {
          x: left + 1,
          width: Math.max(1, wide - 2),
          y: Math.min(y(value), y(0)),
          height: Math.abs(y(value) - y(0)),
          rx: 2,
          style: `fill:${colour(which)}`,
        },
        tip(series[which], categories[index], value),
      );
    }),
  );
}

function pie(one) {
  const parts = (one.segments ?? []).filter((part) => part.value > 0);
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  if (!whole) return null;
  let turn = -Math.PI / 2;
  const slices = parts.map((part, index) => {
    const from = turn;
    turn += (part.value / whole) * 2 * Math.PI;
    const share = tip({ name: "" }, part.label, part.value);
    if (parts.length === 1) return svg("circle", { cx: 100, cy: 100, r: 90, style: `fill:${colour(0)}` }, share);
    const at = (angle) => `${100 + 90 * Math.cos(angle)} ${100 + 90 * Math.sin(angle)}`;
    return svg(
      "path",
      {
        d: `M100 100 L${at(from)} A90 90 0 ${turn - from > Math.PI ? 1 : 0} 1 ${at(turn)} Z`,
        style: `fill:${colour(index)}`,
        class: "slice",
      },
      share,
    );
  });
  return [
    h(
      "div",
      { class: "pie" },
      svg("svg", { viewBox: "0 0 200 200", "aria-hidden": "true", class: "pie-picture" }, slices),
      legend(parts.map((part) => `${part.label}: ${number(part.value)} (${Math.round((part.value / whole) * 100)} %)`)),
    ),
  ];
}

const legend = (names) =>
  h(
    "ul",
    { class: "legend" },
    names.map((name, index) => h("li", {}, h("span", { class: "swatch", style: `background:${colour(index)}` }), name)),
  );

// A table is never narrower than its words, so it can't be hidden itself.
const spoken = (categories, series, rows) =>
  h(
    "div",
    { class: "sr-only" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td"),
          categories.map((label) => h("th", { scope: "col" }, label)),
        ),
      ),
      h(
        "tbody",
        {},
        series.map((each, which) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, each.name ?? "Value"),
            rows[which].map((value) => h("td", {}, value ?? "")),
          ),
        ),
      ),
    ),
  );
