// The build of MapLibre whose worker is a file of its own: the same interface as the usual one.

declare module "maplibre-gl/dist/maplibre-gl-csp" {
  import maplibre from "maplibre-gl";
  export default maplibre;
}
