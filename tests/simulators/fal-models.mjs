// An endpoint's checked input comes in; sizes, files to make, units and the result's JSON go out. Endpoints, their fields and this
// simulator's prices stand in fal-endpoints.json. It makes no file: fal.mjs does, when one is asked for.
// SPDX-License-Identifier: ISC
import { readFileSync } from 'node:fs';
import { sizeOf } from './media.mjs';
import { PRESET_SIZES } from './schema.mjs';

export const ENDPOINTS = JSON.parse(readFileSync(new URL('fal-endpoints.json', import.meta.url)));

const SIDES = {
  '360p': 360,
  '480p': 480,
  '580p': 580,
  '720p': 720,
  '1080p': 1080,
  '1440p': 1440,
  '2160p': 2160,
  '4k': 2160,
  '1K': 1024,
  '2K': 2048,
  '4K': 4096,
};
const near = (n, step) => Math.max(step, Math.round(n / step) * step);

function ratioOf(text, source) {
  const [w, h] = /^\d+:\d+$/.test(text ?? '') ? text.split(':').map(Number) : [source?.width ?? 16, source?.height ?? 9];
  return w / h;
}

// The size of the picture an input begins from, when it is known here or came as a data URI.
export function sourceOf(input, sizeAt) {
  const url = input.image_url ?? input.start_image_url ?? input.first_frame_url ?? input.image_urls?.[0];
  if (!url) return null;
  const data = /^data:[^,]*;base64,(.*)$/s.exec(url);
  const size = data ? sizeOf(Buffer.from(data[1], 'base64')) : sizeAt(url);
  return size?.width ? size : null;
}

function pictureSize(input, source) {
  const size = input.image_size;
  if (typeof size === 'object' && size) return size;
  if (PRESET_SIZES[size]) return { width: PRESET_SIZES[size][0], height: PRESET_SIZES[size][1] };
  if (input.upscale_factor !== undefined) return scaled(input, source ?? { width: 512, height: 512 });
  if (input.resolution || input.aspect_ratio) {
    const ratio = ratioOf(input.aspect_ratio, source ?? { width: 1, height: 1 }),
      area = SIDES[input.resolution ?? '1K'] ** 2;
    return { width: near(Math.sqrt(area * ratio), 32), height: near(Math.sqrt(area / ratio), 32) };
  }
  return source ?? { width: 1024, height: 768 };
}

function scaled(input, source) {
  const factor =
    input.upscale_mode === 'target' ? SIDES[input.target_resolution] / Math.min(source.width, source.height) : input.upscale_factor;
  return { width: Math.round(source.width * factor), height: Math.round(source.height * factor) };
}

function filmShape(input, source) {
  const short = SIDES[input.resolution ?? '720p'] ?? 720,
    ratio = ratioOf(input.aspect_ratio, source);
  const width = near(ratio >= 1 ? short * ratio : short, 2),
    height = near(ratio >= 1 ? short : short / ratio, 2);
  if (input.num_frames) {
    const doubled = input.adjust_fps_for_interpolation && input.interpolator_model !== 'none' ? input.num_interpolated_frames + 1 : 1;
    return { width, height, seconds: input.num_frames / (input.frames_per_second ?? 24), fps: (input.frames_per_second ?? 24) * doubled };
  }
  return { width, height, seconds: parseInt(input.duration ?? '5', 10) || 5, fps: input.frames_per_second ?? (input.duration ? 24 : 16) };
}

// What the job will make and how much of the endpoint's unit that is. -> {shape, count, units}
export function planned(endpoint, input, sizeAt) {
  const { makes, unit } = ENDPOINTS[endpoint],
    source = sourceOf(input, sizeAt);
  if (makes === 'lora') return { count: 1, units: input.steps ?? input.number_of_steps ?? 1000 };
  if (makes === 'video') {
    const shape = filmShape(input, source);
    return { shape, count: 1, units: unit === 'seconds' ? Math.max(1, Math.round(shape.seconds * 100) / 100) : 1 };
  }
  const shape = pictureSize(input, source),
    count = makes === 'image' ? 1 : (input.num_images ?? 1);
  const megapixels = Math.max(1, Math.ceil((shape.width * shape.height) / 1e6));
  return { shape, count, units: unit === 'megapixels' ? megapixels * count : count };
}

export const costOf = (endpoint, units) => Math.round(ENDPOINTS[endpoint].price * units * 1e6) / 1e6;

// The result's JSON. publish(name, spec) -> {url, content_type, file_name, file_size}, for each file the job made.
export async function resultOf(job, publish) {
  const { makes, output } = ENDPOINTS[job.endpoint],
    { input, shape, count } = job,
    result = {};
  const type = (input.output_format ?? 'png').replace('jpg', 'jpeg');
  const kind = job.fault?.kind,
    black = kind === 'black_image' || kind === 'nsfw';
  const size = kind === 'wrong_size' && shape ? { width: near(shape.width / 2, 8), height: near(shape.height / 3, 8) } : shape;
  const digests = Array.from({ length: count }, (_, i) => `${job.digest} ${i}`);
  const picture = async (digest, i) => ({
    ...(await publish(`${i}.${type}`, { digest, ...size, type, black })),
    width: size.width,
    height: size.height,
  });
  if (makes === 'lora') for (const name of output) result[name] = await publish(...loraFile(name, job.digest));
  else if (makes === 'video') result.video = await publish('output.mp4', { digest: job.digest, ...size, type: 'mp4', black });
  else if (makes === 'image') result.image = await picture(digests[0], 0);
  else result.images = kind === 'no_image' ? [] : await Promise.all(digests.map(picture));
  const more = {
    seed: job.seed,
    prompt: input.prompt ?? '',
    timings: { inference: job.run_ms / 1000 },
    description: '',
    has_nsfw_concepts: digests.map(() => kind === 'nsfw'),
  };
  for (const name of output) if (name in more) result[name] ??= more[name];
  return result;
}

const loraFile = (name, digest) =>
  name === 'config_file'
    ? ['config.json', { digest, type: 'json' }]
    : [`${name}.safetensors`, { digest: `${digest} ${name}`, type: 'safetensors' }];
