import { type Camera, pixelRay } from './camera.ts';
import { createPaint, type Ground } from './ground.ts';
import type { Light } from './light.ts';
import type { Material, Paint } from './material.ts';
import { clamp, dot, normalized, smoothstep, type Vector } from './maths.ts';
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
  const sight = rasterise(camera, meshes);
  const shadow = rasteriseShadow(camera, meshes, light.direction);
  blur(shadow, camera, Math.round(light.softness * (camera.height / 240)));
  const exposure = new Float32Array(camera.width * camera.height * 3);
  for (let row = 0; row < camera.height; row++) {
    for (let column = 0; column < camera.width; column++) {
      const pixel = row * camera.width + column;
      const part = parts[(sight.part[pixel] ?? 0) - 1];
      const ray = pixelRay(camera, column, row);
      if (part) shadePart(scene, part, sight, pixel, ray, exposure);
      else shadeGround(scene, ray, shadow[pixel] ?? 0, exposure, pixel * 3);
    }
  }
  return exposure;
}

const paint: Paint = createPaint();

function shadeGround(
  { camera, ground, light }: Scene,
  ray: Vector,
  shadow: number,
  exposure: Exposure,
  at: number,
): void {
  const along = ray[1] < -1e-4 ? -camera.eye[1] / ray[1] : Number.POSITIVE_INFINITY;
  const z = camera.eye[2] + ray[2] * along;
  const hits = along < 60 && z > -ground.wall;
  if (hits) {
    const x = camera.eye[0] + ray[0] * along;
    ground.floor([x, 0, z], 0, paint);
    const lit = light.direction[1] * (1 - shadow) * dapples(light, x, z);
    expose(exposure, at, light, lit, 1, 1 - 0.45 * shadow);
    return;
  }
  if (Number.isFinite(ground.wall)) {
    const reach = (-ground.wall - camera.eye[2]) / Math.min(ray[2], -1e-3);
    ground.backdrop([camera.eye[0] + ray[0] * reach, camera.eye[1] + ray[1] * reach, 0], 0, paint);
    expose(exposure, at, light, 0.45, 0.7, 1);
    return;
  }
  ground.backdrop(normalized(ray), 0, paint);
  const glow = (light.key[0] + light.key[1] + light.key[2]) / 3 + 0.4;
  exposure[at] = paint.red * (light.sky[0] * 0.4 + glow * 0.5);
  exposure[at + 1] = paint.green * (light.sky[1] * 0.4 + glow * 0.5);
  exposure[at + 2] = paint.blue * (light.sky[2] * 0.4 + glow * 0.5);
}

function shadePart(
  { camera, light }: Scene,
  { mesh, material }: Part,
  sight: Sight,
  pixel: number,
  ray: Vector,
  exposure: Exposure,
): void {
  const corner = sight.triangle[pixel] ?? 0;
  const second = sight.second[pixel] ?? 0;
  const third = sight.third[pixel] ?? 0;
  const point = (values: Float64Array) => interpolate(mesh, values, corner, second, third);
  material(point(mesh.local), interpolateOne(mesh, corner, second, third), paint);
  const view = normalized([-ray[0], -ray[1], -ray[2]]);
  const outside = normalized(point(mesh.normal));
  const normal: Vector = dot(outside, view) < 0 ? [-outside[0], -outside[1], -outside[2]] : outside;
  const place = point(mesh.position);
  const facing = clamp(dot(normal, light.direction));
  const open = 0.4 + 0.6 * smoothstep(-0.1, 0.5, place[1] + 0.25 * normal[1]);
  const lit = facing * dapples(light, place[0] * 1.1, place[1] * 1.3);
  expose(exposure, pixel * 3, light, lit, normal[1], open);
  addHighlight(exposure, pixel * 3, light, normal, view, facing);
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
function addHighlight(
  exposure: Exposure,
  at: number,
  light: Light,
  normal: Vector,
  view: Vector,
  facing: number,
): void {
  if (paint.gloss <= 0 || facing <= 0) return;
  const [x, y, z] = light.direction;
  const half = normalized([x + view[0], y + view[1], z + view[2]]);
  const p2 = clamp(dot(normal, half)) ** 2;
  const p8 = p2 * p2 * p2 * p2;
  const p32 = p8 * p8 * p8 * p8;
  const shine = paint.gloss * (0.1 * p8 + 0.45 * p32);
  for (const channel of [0, 1, 2] as const) {
    exposure[at + channel] = (exposure[at + channel] ?? 0) + shine * light.key[channel];
  }
}

function dapples(light: Light, x: number, z: number): number {
  if (light.dapple === 0) return 1;
  const leaves = noise2(x * 3.1 + 70, z * 3.1) * 0.7 + noise2(x * 7 + 20, z * 7) * 0.3;
  return 1 - light.dapple * smoothstep(0.42, 0.58, leaves);
}

function interpolate(
  { triangles }: Mesh,
  values: Float64Array,
  corner: number,
  second: number,
  third: number,
): Vector {
  const a = (triangles[corner] ?? 0) * 3;
  const b = (triangles[corner + 1] ?? 0) * 3;
  const c = (triangles[corner + 2] ?? 0) * 3;
  const first = 1 - second - third;
  return [
    first * (values[a] ?? 0) + second * (values[b] ?? 0) + third * (values[c] ?? 0),
    first * (values[a + 1] ?? 0) + second * (values[b + 1] ?? 0) + third * (values[c + 1] ?? 0),
    first * (values[a + 2] ?? 0) + second * (values[b + 2] ?? 0) + third * (values[c + 2] ?? 0),
  ];
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
  for (let pass = 0; pass < 2; pass++) {
    for (let row = 0; row < height; row++) blurLine(mask, row * width, 1, width, radius);
    for (let column = 0; column < width; column++) blurLine(mask, column, width, height, radius);
  }
}

function blurLine(
  mask: Float32Array,
  start: number,
  step: number,
  length: number,
  radius: number,
): void {
  const line = new Float64Array(length);
  for (let at = 0; at < length; at++) line[at] = mask[start + at * step] ?? 0;
  let sum = 0;
  for (let at = -radius; at < length; at++) {
    sum += line[at + radius] ?? 0;
    sum -= line[at - radius - 1] ?? 0;
    if (at >= 0) mask[start + at * step] = sum / (2 * radius + 1);
  }
}
