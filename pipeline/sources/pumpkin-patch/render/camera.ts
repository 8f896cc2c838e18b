import { cosine, cross, dot, type Point, sine, type Vector } from './maths.ts';

/** Where the photographer stands. */
export interface Camera {
  readonly width: number;
  readonly height: number;
  readonly eye: Vector;
  readonly right: Vector;
  readonly up: Vector;
  readonly forward: Vector;
  /** Pixels per unit at distance 1. */
  readonly focal: number;
}

export interface CameraPlace {
  readonly width: number;
  readonly height: number;
  /** What stands in the middle of the picture. */
  readonly target: Vector;
  readonly distance: number;
  /** Radians above the horizon that the camera stands at. */
  readonly elevation: number;
  /** Radians that the camera is tilted sideways. */
  readonly roll: number;
  /** Focal length over the picture's height. */
  readonly zoom: number;
}

/** Builds a camera on the z side of its target, looking at it. */
export function buildCamera(place: CameraPlace): Camera {
  const { width, height, target, distance } = place;
  const [rise, reach] = [sine(place.elevation), cosine(place.elevation)];
  const [sr, cr] = [sine(place.roll), cosine(place.roll)];
  const forward: Vector = [0, -rise, -reach];
  const right: Vector = [cr, sr * reach, -sr * rise];
  const eye: Vector = [target[0], target[1] + rise * distance, target[2] + reach * distance];
  return {
    width,
    height,
    eye,
    forward,
    right,
    up: cross(right, forward),
    focal: place.zoom * height,
  };
}

/** Sets the direction in which the camera sees a pixel, not normalised. */
export function setPixelRay(camera: Camera, column: number, row: number, ray: Point): void {
  const x = (column + 0.5 - camera.width / 2) / camera.focal;
  const y = (camera.height / 2 - row - 0.5) / camera.focal;
  const { right, up, forward } = camera;
  ray[0] = forward[0] + x * right[0] + y * up[0];
  ray[1] = forward[1] + x * right[1] + y * up[1];
  ray[2] = forward[2] + x * right[2] + y * up[2];
}

/** A world point on the picture: [column, row, distance along the view]. */
export function project(camera: Camera, point: Vector): Vector {
  const [x, y, z] = point;
  const away: Vector = [x - camera.eye[0], y - camera.eye[1], z - camera.eye[2]];
  const depth = Math.max(dot(away, camera.forward), 0.05);
  return [
    camera.width / 2 + (dot(away, camera.right) * camera.focal) / depth,
    camera.height / 2 - (dot(away, camera.up) * camera.focal) / depth,
    depth,
  ];
}
