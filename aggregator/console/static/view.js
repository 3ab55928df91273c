// Which part of the world the map shows: Mercator, with the screen's size. Pixels are CSS pixels.
import { EARTH_KM } from "./geography.js";

const RAD = Math.PI / 180;
const MAX_LAT_DEG = 84;
const SCALES = [60, 4e6]; // pixels per radian at the equator: the whole world, one street

export const EDGE_PX = 40; // what is drawn begins so far outside the screen: no line ends in sight

export class View {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.x = 0; // of the middle, in radians of Mercator
    this.y = 0;
    this.scale = 1000;
  }

  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  toScreen(point) {
    const { x, y } = mercator(point);
    return this.place(x, y);
  }

  /** Where a point of Mercator's plane, in radians, is on the screen. */
  place(x, y) {
    return { x: this.width / 2 + (x - this.x) * this.scale, y: this.height / 2 - (y - this.y) * this.scale };
  }

  /** What of that plane is on the screen, and a margin in pixels around it. */
  box(margin) {
    const across = (this.width / 2 + margin) / this.scale;
    const up = (this.height / 2 + margin) / this.scale;
    return { west: this.x - across, east: this.x + across, south: this.y - up, north: this.y + up };
  }

  toGround({ x, y }) {
    const north = this.y - (y - this.height / 2) / this.scale;
    return {
      lat_deg: Math.atan(Math.sinh(north)) / RAD,
      lon_deg: (this.x + (x - this.width / 2) / this.scale) / RAD,
    };
  }

  /** Pixels of one km at a latitude. */
  pixelsPerKm(lat_deg) {
    return this.scale / (EARTH_KM * Math.cos(lat_deg * RAD));
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
    this.#stayOnEarth();
  }

  /** Zoom so that what is under a point stays under it. */
  zoom(factor, point = { x: this.width / 2, y: this.height / 2 }) {
    const scale = Math.min(SCALES[1], Math.max(SCALES[0], this.scale * factor));
    const dx = point.x - this.width / 2;
    const dy = point.y - this.height / 2;
    this.x += dx / this.scale - dx / scale;
    this.y -= dy / this.scale - dy / scale;
    this.scale = scale;
    this.#stayOnEarth();
  }

  /** Show all these points, with a margin in pixels, never closer than minimumKm across. */
  fit(points, margin, minimumKm = 20) {
    if (points.length === 0) return;
    const xs = points.map((point) => point.lon_deg * RAD);
    const ys = points.map((point) => mercatorY(point.lat_deg));
    const box = { west: Math.min(...xs), east: Math.max(...xs), south: Math.min(...ys), north: Math.max(...ys) };
    const least = minimumKm / EARTH_KM;
    const across = Math.max(this.width - margin.left - margin.right, 40) / Math.max(box.east - box.west, least);
    const up = Math.max(this.height - margin.top - margin.bottom, 40) / Math.max(box.north - box.south, least);
    this.scale = Math.min(SCALES[1], Math.max(SCALES[0], Math.min(across, up)));
    this.x = (box.west + box.east) / 2 + (margin.right - margin.left) / 2 / this.scale;
    this.y = (box.south + box.north) / 2 + (margin.top - margin.bottom) / 2 / this.scale;
  }

  #stayOnEarth() {
    const limit = mercatorY(MAX_LAT_DEG);
    this.y = Math.min(limit, Math.max(-limit, this.y));
    this.x = Math.min(Math.PI, Math.max(-Math.PI, this.x));
  }
}

/** A point of the earth on Mercator's plane, in radians. */
export function mercator({ lat_deg, lon_deg }) {
  return { x: lon_deg * RAD, y: mercatorY(lat_deg) };
}

function mercatorY(lat_deg) {
  const lat = Math.min(MAX_LAT_DEG, Math.max(-MAX_LAT_DEG, lat_deg)) * RAD;
  return Math.asinh(Math.tan(lat));
}
