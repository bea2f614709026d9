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
  properties: { name: string; code?: string; criteria: Record<string, State>; state?: State };
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

export async function areas(section: HTMLElement, figure: HTMLElement): Promise<(() => void) | undefined> {
  const drawing = figure.querySelector("svg");
  const answer = await fetch(`${section.dataset.api ?? ""}&format=geojson`);
  if (!answer.ok || !drawing || !section.isConnected) return undefined;
  const data = (await answer.json()) as Collection;
  const criterion = section.dataset.criterion ?? "";
  const shown = data.features.filter((f) => f.geometry);
  shown.forEach((f) => {
    f.properties.code = f.id;
    f.properties.state = f.properties.criteria[criterion] ?? "cannot-be-determined";
  });
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
  box.className = "map-box waiting";
  const place = drawing.getBoundingClientRect();
  box.style.aspectRatio = `${place.width} / ${place.height}`;
  box.style.top = `${place.top - figure.getBoundingClientRect().top}px`;
  drawing.after(box);
  let map: maplibre.Map | undefined;
  const back = (): void => {
    map?.remove();
    map = undefined;
    box.remove();
    drawing.removeAttribute("hidden");
  };
  try {
    const own = new maplibre.Map({
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
    map = own;
    own.on("error", back);
    own.addControl(new maplibre.NavigationControl({ showCompass: false }));
    own.addControl(new maplibre.AttributionControl({ compact: false, customAttribution: data.attribution ?? "" }));
    own.on("load", () => {
      own.addSource("areas", { type: "geojson", data: data as never });
      own.addLayer({
        id: "fill",
        type: "fill",
        source: "areas",
        paint: { "fill-color": ["match", ["get", "state"], "met", "#9ecae1", "not-met", "#214c7a", "#f0f0ee"] },
      });
      own.addLayer({ id: "edge", type: "line", source: "areas", paint: { "line-color": "#787e88", "line-width": 1 } });
      shown.forEach((f) => {
        const at = middle(f);
        const state = f.properties.state ?? "cannot-be-determined";
        if (!at) return;
        const mark = document.createElement("span");
        mark.className = `glyph-${state}`;
        mark.textContent = GLYPH[state];
        mark.setAttribute("aria-hidden", "true");
        new maplibre.Marker({ element: mark }).setLngLat(at).addTo(own);
      });
      own.on("click", "fill", (event) => {
        const href = links.get(String(event.features?.[0]?.properties?.code));
        if (href) location.assign(href);
      });
      own.on("mousemove", "fill", (event) => {
        const name = String(event.features?.[0]?.properties?.name ?? "");
        const state = String(event.features?.[0]?.properties?.state ?? "");
        box.title = `${name}: ${word(`verdict-${state}`)}`;
        own.getCanvas().style.cursor = "pointer";
      });
      box.classList.remove("waiting");
      box.style.top = "";
      drawing.setAttribute("hidden", "");
    });
    return back;
  } catch {
    back();
    return undefined;
  }
}
