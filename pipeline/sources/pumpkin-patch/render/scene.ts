import { type Camera, setPixelRay } from './camera.ts';
import { createPaint, type Ground } from './ground.ts';
import type { Light } from './light.ts';
import type { Material, Paint } from './material.ts';
import { clamp, dot, normalize, type Point, smoothstep } from './maths.ts';
import type { Mesh } from './mesh.ts';
import { noise2 } from './noise.ts';
import { rasterise, rasteriseShadow, type Sight } from './raster.ts';

/** A thing in the picture. */
export interface Part {
  readonly mesh: Mesh;
  readonly material: Material;
}

export interface Scene {
  readonly camera: Camera;
  readonly ground: Ground;
  readonly light: Light;
  readonly parts: readonly Part[];
}

/** Linear light per pixel, red, green and blue one after another. */
export type Exposure = Float32Array;

/** Lights a scene: ground with shadows, backdrop, then every part. */
export function renderScene(scene: Scene): Exposure {
  const { camera, parts, light } = scene;
  const meshes = parts.map((part) => part.mesh);
  const shadow = rasteriseShadow(camera, meshes, light.direction);
  blur(shadow, camera, light.softness);
  const sight = rasterise(camera, meshes);
  const exposure = new Float32Array(camera.width * camera.height * 3);
  for (let row = 0; row < camera.height; row++) {
    for (let column = 0; column < camera.width; column++) {
      const pixel = row * camera.width + column;
      const part = parts[(sight.part[pixel] ?? 0) - 1];
      setPixelRay(camera, column, row, ray);
      if (part) shadePart(light, part, sight, pixel, exposure);
      else shadeGround(scene, shadow[pixel] ?? 0, exposure, pixel * 3);
    }
  }
  return exposure;
}

// Written again at every pixel, so that a picture makes no garbage.
const paint: Paint = createPaint();
const ray: Point = [0, 0, 0];
const view: Point = [0, 0, 0];
const normal: Point = [0, 0, 0];
const place: Point = [0, 0, 0];
const local: Point = [0, 0, 0];
const half: Point = [0, 0, 0];

function shadeGround(
  { camera, ground, light }: Scene,
  shadow: number,
  exposure: Exposure,
  at: number,
): void {
  const along = ray[1] < -1e-4 ? -camera.eye[1] / ray[1] : 1e9;
  const z = camera.eye[2] + ray[2] * along;
  if (along < 60 && z > -ground.wall) {
    const x = camera.eye[0] + ray[0] * along;
    setPoint(place, x, 0, z);
    ground.floor(place, 0, paint);
    const lit = light.direction[1] * (1 - shadow) * dapples(light, x, z);
    expose(exposure, at, light, lit, 1, 1 - 0.45 * shadow);
  } else if (Number.isFinite(ground.wall)) {
    const reach = (-ground.wall - camera.eye[2]) / Math.min(ray[2], -1e-3);
    setPoint(place, camera.eye[0] + ray[0] * reach, camera.eye[1] + ray[1] * reach, 0);
    ground.backdrop(place, 0, paint);
    expose(exposure, at, light, 0.45, 0.7, 1);
  } else {
    normalize(ray);
    ground.backdrop(ray, 0, paint);
    const glow = 0.2 + (light.key[0] + light.key[1] + light.key[2]) / 6;
    exposure[at] = paint.red * (light.sky[0] * 0.4 + glow);
    exposure[at + 1] = paint.green * (light.sky[1] * 0.4 + glow);
    exposure[at + 2] = paint.blue * (light.sky[2] * 0.4 + glow);
  }
}

function shadePart(
  light: Light,
  { mesh, material }: Part,
  sight: Sight,
  pixel: number,
  exposure: Exposure,
): void {
  const corner = sight.triangle[pixel] ?? 0;
  const second = sight.second[pixel] ?? 0;
  const third = sight.third[pixel] ?? 0;
  interpolate(mesh.local, mesh.triangles, corner, second, third, local);
  material(local, interpolateOne(mesh, corner, second, third), paint);
  interpolate(mesh.normal, mesh.triangles, corner, second, third, normal);
  interpolate(mesh.position, mesh.triangles, corner, second, third, place);
  normalize(normal);
  setPoint(view, -ray[0], -ray[1], -ray[2]);
  normalize(view);
  if (dot(normal, view) < 0) setPoint(normal, -normal[0], -normal[1], -normal[2]);
  const facing = clamp(dot(normal, light.direction));
  const open = 0.4 + 0.6 * smoothstep(-0.1, 0.5, place[1] + 0.25 * normal[1]);
  const lit = facing * dapples(light, place[0] * 1.1, place[1] * 1.3);
  expose(exposure, pixel * 3, light, lit, normal[1], open);
  if (paint.gloss > 0 && lit > 0) addHighlight(exposure, pixel * 3, light);
}

/** @param up the normal's upward part: 1 sees only sky, -1 only ground. @param open 0 hidden from the sky … 1. */
function expose(
  exposure: Exposure,
  at: number,
  light: Light,
  lit: number,
  up: number,
  open: number,
): void {
  const above = (0.5 + 0.5 * up) * open;
  const below = (0.5 - 0.5 * up) * open;
  exposure[at] = paint.red * (light.key[0] * lit + light.sky[0] * above + light.bounce[0] * below);
  exposure[at + 1] =
    paint.green * (light.key[1] * lit + light.sky[1] * above + light.bounce[1] * below);
  exposure[at + 2] =
    paint.blue * (light.key[2] * lit + light.sky[2] * above + light.bounce[2] * below);
}

/** Blinn–Phong, with powers of two only. */
function addHighlight(exposure: Exposure, at: number, { direction, key }: Light): void {
  setPoint(half, direction[0] + view[0], direction[1] + view[1], direction[2] + view[2]);
  normalize(half);
  const p1 = clamp(dot(normal, half));
  const p2 = p1 * p1;
  const p8 = p2 * p2 * p2 * p2;
  const p32 = p8 * p8 * p8 * p8;
  const shine = paint.gloss * (0.1 * p8 + 0.45 * p32);
  exposure[at] = (exposure[at] ?? 0) + shine * key[0];
  exposure[at + 1] = (exposure[at + 1] ?? 0) + shine * key[1];
  exposure[at + 2] = (exposure[at + 2] ?? 0) + shine * key[2];
}

function dapples(light: Light, x: number, z: number): number {
  if (light.dapple === 0) return 1;
  const leaves = noise2(x * 3.1 + 70, z * 3.1) * 0.7 + noise2(x * 7 + 20, z * 7) * 0.3;
  return 1 - light.dapple * smoothstep(0.42, 0.58, leaves);
}

function interpolate(
  values: Float64Array,
  triangles: Uint32Array,
  corner: number,
  second: number,
  third: number,
  into: Point,
): void {
  const a = (triangles[corner] ?? 0) * 3;
  const b = (triangles[corner + 1] ?? 0) * 3;
  const c = (triangles[corner + 2] ?? 0) * 3;
  const first = 1 - second - third;
  for (let axis = 0; axis < 3; axis++) {
    into[axis] =
      first * (values[a + axis] ?? 0) +
      second * (values[b + axis] ?? 0) +
      third * (values[c + axis] ?? 0);
  }
}

function setPoint(point: Point, x: number, y: number, z: number): void {
  point[0] = x;
  point[1] = y;
  point[2] = z;
}

function interpolateOne(
  { triangles, detail }: Mesh,
  corner: number,
  second: number,
  third: number,
): number {
  const a = detail[triangles[corner] ?? 0] ?? 0;
  const b = detail[triangles[corner + 1] ?? 0] ?? 0;
  const c = detail[triangles[corner + 2] ?? 0] ?? 0;
  return (1 - second - third) * a + second * b + third * c;
}

/** Two box blurs along each axis, in place. */
function blur(mask: Float32Array, { width, height }: Camera, radius: number): void {
  if (radius < 1) return;
  const line = new Float64Array(Math.max(width, height));
  for (let pass = 0; pass < 2; pass++) {
    for (let row = 0; row < height; row++) {
      blurLine(mask, line.subarray(0, width), row * width, 1, radius);
    }
    for (let column = 0; column < width; column++) {
      blurLine(mask, line.subarray(0, height), column, width, radius);
    }
  }
}

function blurLine(
  mask: Float32Array,
  line: Float64Array,
  start: number,
  step: number,
  radius: number,
): void {
  const { length } = line;
  for (let at = 0; at < length; at++) line[at] = mask[start + at * step] ?? 0;
  let sum = 0;
  for (let at = -radius; at < length; at++) {
    if (at + radius < length) sum += line[at + radius] ?? 0;
    if (at - radius > 0) sum -= line[at - radius - 1] ?? 0;
    if (at >= 0) mask[start + at * step] = sum / (2 * radius + 1);
  }
}
