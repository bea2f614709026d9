// Areas on a map that can be moved; the drawing of the page stays behind it and comes back where the map fails.

import maplibre from "maplibre-gl/dist/maplibre-gl-csp";
import worker from "maplibre-gl/dist/maplibre-gl-csp-worker?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { word } from "./words";

type State = "met" | "not-met" | "cannot-be-determined";
type Ring = [number, number][];
interface Feature {
  id: string;
  geometry: { coordinates: Ring[][] } | null;
  properties: { name: string; criteria: Record<string, State>; state?: State };
}
interface Collection {
  type: "FeatureCollection";
  features: Feature[];
  attribution?: string;
}

const GLYPH: Record<State, string> = { met: "●", "not-met": "○", "cannot-be-determined": "?" };

maplibre.setWorkerUrl(worker);

/** The middle of the longest ring: where the area's mark stands. */
function middle(feature: Feature): [number, number] | undefined {
  const rings = feature.geometry?.coordinates.map((polygon) => polygon[0] ?? []) ?? [];
  const ring = rings.sort((a, b) => b.length - a.length)[0];
  if (!ring?.length) return undefined;
  const sum = ring.reduce<[number, number]>((s, p) => [s[0] + p[0], s[1] + p[1]], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}

export async function areas(section: HTMLElement, figure: HTMLElement): Promise<void> {
  const drawing = figure.querySelector("svg");
  const answer = await fetch(`${section.dataset.api ?? ""}&format=geojson`);
  if (!answer.ok || !drawing) return;
  const data = (await answer.json()) as Collection;
  const criterion = section.dataset.criterion ?? "";
  const shown = data.features.filter((f) => f.geometry);
  shown.forEach((f) => (f.properties.state = f.properties.criteria[criterion] ?? "cannot-be-determined"));
  const links = new Map(
    [...drawing.querySelectorAll("a")].map((a) => {
      const href = a.getAttribute("href") ?? "";
      return [href.split("/areas/")[1]?.split("?")[0] ?? "", href] as const;
    }),
  );
  const points = shown.flatMap((f) => f.geometry?.coordinates.flat(2) ?? []);
  const [west, east] = [Math.min(...points.map((p) => p[0])), Math.max(...points.map((p) => p[0]))];
  const [south, north] = [Math.min(...points.map((p) => p[1])), Math.max(...points.map((p) => p[1]))];

  const box = document.createElement("div");
  box.className = "map-box";
  box.style.aspectRatio = getComputedStyle(drawing).aspectRatio;
  box.style.height = `${drawing.getBoundingClientRect().height}px`;
  drawing.after(box);
  const back = (): void => {
    box.remove();
    drawing.removeAttribute("hidden");
  };
  try {
    const map = new maplibre.Map({
      container: box,
      bounds: [west, south, east, north],
      fitBoundsOptions: { padding: 12 },
      attributionControl: false,
      scrollZoom: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#eef2f5" } }] },
      locale: { "NavigationControl.ZoomIn": word("web-zoom-in"), "NavigationControl.ZoomOut": word("web-zoom-out"), "Map.Title": word("web-map-hint") },
    });
    map.on("error", back);
    map.addControl(new maplibre.NavigationControl({ showCompass: false }));
    map.addControl(new maplibre.AttributionControl({ compact: false, customAttribution: data.attribution ?? "" }));
    map.on("load", () => {
      map.addSource("areas", { type: "geojson", data: data as never, promoteId: "name" });
      map.addLayer({
        id: "fill",
        type: "fill",
        source: "areas",
        paint: { "fill-color": ["match", ["get", "state"], "met", "#9ecae1", "not-met", "#214c7a", "#f0f0ee"] },
      });
      map.addLayer({ id: "edge", type: "line", source: "areas", paint: { "line-color": "#787e88", "line-width": 1 } });
      shown.forEach((f) => {
        const at = middle(f);
        const state = f.properties.state ?? "cannot-be-determined";
        if (!at) return;
        const mark = document.createElement("span");
        mark.className = `glyph-${state}`;
        mark.textContent = GLYPH[state];
        mark.setAttribute("aria-hidden", "true");
        new maplibre.Marker({ element: mark }).setLngLat(at).addTo(map);
      });
      const named = new Map(shown.map((f) => [f.properties.name, f.id]));
      map.on("click", "fill", (event) => {
        const href = links.get(named.get(String(event.features?.[0]?.properties?.name)) ?? "");
        if (href) location.assign(href);
      });
      map.on("mousemove", "fill", (event) => {
        const name = String(event.features?.[0]?.properties?.name ?? "");
        const state = String(event.features?.[0]?.properties?.state ?? "");
        box.title = `${name}: ${word(`verdict-${state}`)}`;
        map.getCanvas().style.cursor = "pointer";
      });
      drawing.setAttribute("hidden", "");
    });
  } catch {
    back();
  }
}
