// Draws every [data-chart]; draws again when its numbers, its size or the theme change.
(() => {
  const charts = new Map(); // element -> { chart, drawn }
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const language = document.documentElement.lang;
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const line = (className, text) => {
    const row = document.createElement("div");
    row.className = className;
    row.textContent = text;
    return row;
  };

  // The last bar holds what was sold up to now: it is still growing.
  const isUnfinished = (data, index) => index === data.values.length - 1;

  const tip = (data, { orders, unfinished }) => ([point]) => {
    const index = point.dataIndex;
    const box = document.createElement("div");
    box.append(
      line("tip-title", data.titles[index] + (isUnfinished(data, index) ? `, ${unfinished}` : "")),
      line("tip-amount", data.texts[index]),
      line("tip-orders", `${orders}: ${data.orders[index]}`),
    );
    return box;
  };

  const options = (data, element) => {
    const [ink, rule, teal, wash, surface] =
      ["--ink-soft", "--rule", "--teal", "--teal-wash", "--surface"].map(colour);
    const text = { color: ink, fontFamily: "Inter", fontSize: 12 };
    const lines = { color: wash, borderColor: teal, borderWidth: 1.5, borderType: "dashed" };
    const growing = { itemStyle: lines, emphasis: { itemStyle: lines } };
    return {
      animation: !still.matches,
      animationDuration: 250,
      animationDurationUpdate: 250,
      grid: { left: 0, right: 4, top: 30, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "all" },
      xAxis: {
        type: "category", data: data.labels, axisTick: { show: false },
        axisLine: { lineStyle: { color: rule } },
        axisLabel: { ...text, hideOverlap: true },
      },
      yAxis: {
        type: "value", name: data.currency, nameGap: 12,
        nameTextStyle: { ...text, align: "right", padding: [0, 8, 0, 0] }, splitNumber: 3, splitLine: { lineStyle: { color: rule } },
        axisLabel: { ...text, formatter: (value) => compact.format(value) },
      },
      tooltip: {
        trigger: "axis", formatter: tip(data, element.dataset), confine: true,
        axisPointer: { type: "shadow", shadowStyle: { color: teal, opacity: 0.08 } },
        className: "chart-tip", backgroundColor: surface, borderColor: rule, padding: [8, 12],
        transitionDuration: still.matches ? 0 : 0.2,
      },
      series: [{
        type: "bar", barMaxWidth: 28, barCategoryGap: "28%",
        data: data.values.map((value, index) => value && isUnfinished(data, index) ? { value, ...growing } : value),
        itemStyle: { color: teal, borderRadius: [3, 3, 0, 0] },
        emphasis: { itemStyle: { color: teal } },
      }],
    };
  };

  const draw = (element, again = false) => {
    const kept = charts.get(element) ?? { chart: echarts.init(element.firstElementChild), drawn: "" };
    charts.set(element, kept);
    if (kept.drawn === element.dataset.chart && !again) return;
    kept.drawn = element.dataset.chart;
    kept.chart.setOption(options(JSON.parse(kept.drawn), element), { notMerge: again });
  };

  const drawAll = (again = false) => {
    for (const [element, { chart }] of charts) {
      if (!element.isConnected) { chart.dispose(); charts.delete(element); }
    }
    document.querySelectorAll("[data-chart]").forEach((element) => draw(element, again));
  };

  document.addEventListener("DOMContentLoaded", () => drawAll());
  document.addEventListener("htmx:after:swap", () => drawAll());
  document.addEventListener("charsu:theme", () => drawAll(true));
  still.addEventListener("change", () => drawAll(true));
  addEventListener("resize", () => charts.forEach(({ chart }) => chart.resize()));
})();
