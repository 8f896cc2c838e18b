import { type Rotation, rotate, type Vector } from './maths.ts';

/** A point of a surface before it is placed: where it is, and the input of its material. */
export interface SurfacePoint {
  x: number;
  y: number;
  z: number;
  /** The material's coordinates, for example the direction from the centre. */
  local: Vector;
  /** One more number for the material, for example how deep in a groove the point lies. */
  detail: number;
}

/** Triangles in the world (y up, ground at 0), three numbers a vertex. */
export interface Mesh {
  readonly position: Float64Array;
  readonly normal: Float64Array;
  readonly local: Float64Array;
  readonly detail: Float64Array;
  readonly triangles: Uint32Array;
}

/** Where a surface stands in the world. */
export interface Placement {
  readonly rotation: Rotation;
  readonly scale: number;
  readonly offset: Vector;
}

export interface Surface {
  /** Steps along u and v; both run from 0 to 1. */
  readonly columns: number;
  readonly rows: number;
  readonly at: (u: number, v: number) => SurfacePoint;
}

/** Samples a surface on a grid and places it in the world; normals come from neighbouring points. */
export function buildMesh(surface: Surface, placement: Placement): Mesh {
  const { columns, rows } = surface;
  const count = (columns + 1) * (rows + 1);
  const mesh: Mesh = {
    position: new Float64Array(count * 3),
    normal: new Float64Array(count * 3),
    local: new Float64Array(count * 3),
    detail: new Float64Array(count),
    triangles: gridTriangles(columns, rows),
  };
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const point = surface.at(column / columns, row / rows);
      setVertex(mesh, row * (columns + 1) + column, point, placement);
    }
  }
  setNormals(mesh, columns, rows);
  return mesh;
}

/** How far below the ground the lowest vertex is (negative: above). */
export function depthBelowGround(meshes: readonly Mesh[]): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { position } of meshes) {
    for (let at = 1; at < position.length; at += 3) lowest = Math.min(lowest, position[at] ?? 0);
  }
  return -lowest;
}

/** Moves meshes, in place. */
export function shiftMeshes(meshes: readonly Mesh[], [x, y, z]: Vector): void {
  for (const { position } of meshes) {
    for (let at = 0; at < position.length; at += 3) {
      position[at] = (position[at] ?? 0) + x;
      position[at + 1] = (position[at + 1] ?? 0) + y;
      position[at + 2] = (position[at + 2] ?? 0) + z;
    }
  }
}

function setVertex(mesh: Mesh, vertex: number, point: SurfacePoint, placement: Placement): void {
  const { scale, offset } = placement;
  const turned = rotate(placement.rotation, [point.x, point.y, point.z]);
  for (const axis of [0, 1, 2] as const) {
    mesh.position[vertex * 3 + axis] = turned[axis] * scale + offset[axis];
    mesh.local[vertex * 3 + axis] = point.local[axis];
  }
  mesh.detail[vertex] = point.detail;
}

function gridTriangles(columns: number, rows: number): Uint32Array {
  const triangles = new Uint32Array(columns * rows * 6);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const corner = row * (columns + 1) + column;
      const below = corner + columns + 1;
      triangles.set([corner, corner + 1, below, below, corner + 1, below + 1], at);
      at += 6;
    }
  }
  return triangles;
}

/** A surface whose first and last column meet has the same normals there. */
function setNormals({ position, normal }: Mesh, columns: number, rows: number): void {
  const wraps = meet(position, 0, columns) && meet(position, (columns + 1) * rows, columns);
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const start = row * (columns + 1);
      const left = column > 0 ? column - 1 : wraps ? columns - 1 : 0;
      const right = column < columns ? column + 1 : wraps ? 1 : columns;
      const above = Math.max(row - 1, 0) * (columns + 1) + column;
      const below = Math.min(row + 1, rows) * (columns + 1) + column;
      setNormal(normal, position, start + column, [start + left, start + right, above, below]);
    }
  }
}

function meet(position: Float64Array, start: number, columns: number): boolean {
  const [a, b] = [start * 3, (start + columns) * 3];
  const gap = [0, 1, 2].map((axis) => (position[a + axis] ?? 0) - (position[b + axis] ?? 0));
  return gap.every((part) => Math.abs(part) < 1e-4);
}

function setNormal(
  normal: Float64Array,
  position: Float64Array,
  vertex: number,
  [left, right, above, below]: readonly [number, number, number, number],
): void {
  const ax = (position[right * 3] ?? 0) - (position[left * 3] ?? 0);
  const ay = (position[right * 3 + 1] ?? 0) - (position[left * 3 + 1] ?? 0);
  const az = (position[right * 3 + 2] ?? 0) - (position[left * 3 + 2] ?? 0);
  const bx = (position[below * 3] ?? 0) - (position[above * 3] ?? 0);
  const by = (position[below * 3 + 1] ?? 0) - (position[above * 3 + 1] ?? 0);
  const bz = (position[below * 3 + 2] ?? 0) - (position[above * 3 + 2] ?? 0);
  const x = ay * bz - az * by;
  const y = az * bx - ax * bz;
  const z = ax * by - ay * bx;
  const length = Math.sqrt(x * x + y * y + z * z);
  normal[vertex * 3] = length ? x / length : 0;
  normal[vertex * 3 + 1] = length ? y / length : 1;
  normal[vertex * 3 + 2] = length ? z / length : 0;
}
