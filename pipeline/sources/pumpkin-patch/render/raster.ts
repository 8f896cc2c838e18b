import { type Camera, project } from './camera.ts';
import type { Vector } from './maths.ts';
import type { Mesh } from './mesh.ts';

/** What the camera sees at each pixel: the nearest part, its triangle, and where in the triangle. */
export interface Sight {
  readonly depth: Float64Array;
  /** 0 where there is nothing, else the part's index + 1. */
  readonly part: Uint8Array;
  readonly triangle: Uint32Array;
  /** Weights of the triangle's second and third corner. */
  readonly second: Float32Array;
  readonly third: Float32Array;
}

/** Finds what is seen at each pixel of the camera's picture. The result holds until the next call. */
export function rasterise(camera: Camera, meshes: readonly Mesh[]): Sight {
  const sight = clearSight(camera.width * camera.height);
  meshes.forEach((mesh, index) => {
    const screen = toScreen(camera, mesh, (point) => point);
    for (let corner = 0; corner < mesh.triangles.length; corner += 3) {
      drawTriangle(camera, sight, screen, mesh.triangles, corner, index + 1);
    }
  });
  return sight;
}

/**
 * The shadow that meshes throw on the ground: 1 where the pixel's ground point gets no direct light.
 *
 * @param light direction towards the light.
 */
export function rasteriseShadow(
  camera: Camera,
  meshes: readonly Mesh[],
  light: Vector,
): Float32Array {
  const sight = clearSight(camera.width * camera.height);
  for (const mesh of meshes) {
    const screen = toScreen(camera, mesh, ([x, y, z]) => {
      const along = Math.max(y, 0) / light[1];
      return [x - light[0] * along, 0, z - light[2] * along];
    });
    for (let corner = 0; corner < mesh.triangles.length; corner += 3) {
      drawTriangle(camera, sight, screen, mesh.triangles, corner, 1);
    }
  }
  return Float32Array.from(sight.part);
}

// Megabytes a picture: used again and again, or collecting garbage would take a sixth of the time.
let buffers: Sight | undefined;

/** An empty sight; the one handed out before becomes invalid. */
function clearSight(pixels: number): Sight {
  if (buffers?.part.length !== pixels) {
    buffers = {
      depth: new Float64Array(pixels),
      part: new Uint8Array(pixels),
      triangle: new Uint32Array(pixels),
      second: new Float32Array(pixels),
      third: new Float32Array(pixels),
    };
  }
  buffers.depth.fill(1e9);
  buffers.part.fill(0);
  return buffers;
}

function toScreen(camera: Camera, mesh: Mesh, move: (point: Vector) => Vector): Float64Array {
  const screen = new Float64Array(mesh.position.length);
  for (let at = 0; at < screen.length; at += 3) {
    const point: Vector = [
      mesh.position[at] ?? 0,
      mesh.position[at + 1] ?? 0,
      mesh.position[at + 2] ?? 0,
    ];
    screen.set(project(camera, move(point)), at);
  }
  return screen;
}

function drawTriangle(
  camera: Camera,
  sight: Sight,
  screen: Float64Array,
  triangles: Uint32Array,
  corner: number,
  part: number,
): void {
  const a = (triangles[corner] ?? 0) * 3;
  const b = (triangles[corner + 1] ?? 0) * 3;
  const c = (triangles[corner + 2] ?? 0) * 3;
  const ax = screen[a] ?? 0;
  const ay = screen[a + 1] ?? 0;
  const az = screen[a + 2] ?? 0;
  const bx = (screen[b] ?? 0) - ax;
  const by = (screen[b + 1] ?? 0) - ay;
  const bz = (screen[b + 2] ?? 0) - az;
  const cx = (screen[c] ?? 0) - ax;
  const cy = (screen[c + 1] ?? 0) - ay;
  const cz = (screen[c + 2] ?? 0) - az;
  const area = bx * cy - cx * by;
  if (area === 0) return;
  const left = Math.max(0, Math.ceil(ax + Math.min(0, bx, cx) - 0.5));
  const right = Math.min(camera.width - 1, Math.floor(ax + Math.max(0, bx, cx) - 0.5));
  const top = Math.max(0, Math.ceil(ay + Math.min(0, by, cy) - 0.5));
  const bottom = Math.min(camera.height - 1, Math.floor(ay + Math.max(0, by, cy) - 0.5));
  for (let row = top; row <= bottom; row++) {
    const py = row + 0.5 - ay;
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - ax;
      const second = (px * cy - cx * py) / area;
      const third = (bx * py - px * by) / area;
      if (second < 0 || third < 0 || second + third > 1) continue;
      const depth = az + second * bz + third * cz;
      const pixel = row * camera.width + column;
      if (depth >= (sight.depth[pixel] ?? 0)) continue;
      sight.depth[pixel] = depth;
      sight.part[pixel] = part;
      sight.triangle[pixel] = corner;
      sight.second[pixel] = second;
      sight.third[pixel] = third;
    }
  }
}
