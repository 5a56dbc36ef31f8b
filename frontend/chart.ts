// The chart island: draws every element with data-chart from the JSON beside it; the table under it stays.
import * as echarts from "echarts/core";
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
import langZH from "echarts/i18n/langZH-obj.js";

echarts.use([
  AriaComponent, BarChart, GridComponent, HeatmapChart, LegendComponent, LineChart, MarkLineComponent,
  SVGRenderer, TooltipComponent, VisualMapComponent,
]);
echarts.registerLocale("ZH", langZH);

const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function draw(place: HTMLElement): void {
  const source = document.getElementById(place.dataset.chart ?? "");
  if (!source?.textContent) return;
  const style = getComputedStyle(place);
  const ink = style.getPropertyValue("--ts-ink-soft").trim() || undefined;
  const line = style.getPropertyValue("--ts-line").trim() || undefined;
  const chart = echarts.getInstanceByDom(place)
    ?? echarts.init(place, undefined, { renderer: "svg", locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" });
  const option = JSON.parse(source.textContent) as Record<string, unknown>;
  chart.setOption({
    animation: !still,
    aria: { enabled: true },
    textStyle: { color: ink, fontFamily: style.fontFamily },
    axisLine: { lineStyle: { color: line } },
    ...option,
  });
  new ResizeObserver(() => chart.resize()).observe(place);
  chart.on("click", (event) => {
    const href = (event.data as { href?: string } | null)?.href;
    if (href?.startsWith("/")) window.location.assign(href);
  });
}

document.querySelectorAll<HTMLElement>("[data-chart]").forEach(draw);
document.body.addEventListener("htmx:afterSwap", (event) => {
  (event.target as HTMLElement).querySelectorAll<HTMLElement>("[data-chart]").forEach(draw);
});
