// The nodes a ComfyUI server has, and the examination of a graph as that server does it: unknown classes, missing inputs, wrong
// links, values out of range or not in a list of files. It runs nothing.
// SPDX-License-Identifier: ISC
import { sha256 } from './picture.mjs';

const CHECKPOINTS = ['a.safetensors', 'sd_xl_base_1.0.safetensors', 'flux1-dev-fp8.safetensors'];
const LORAS = ['hero.safetensors', 'hero_high.safetensors', 'hero_low.safetensors', 'style.safetensors'];
const SAMPLERS = ['euler', 'euler_ancestral', 'dpmpp_2m', 'dpmpp_2m_sde', 'uni_pc', 'ddim'],
  SCHEDULERS = ['normal', 'karras', 'simple', 'beta', 'sgm_uniform'];
export const MODELS = {
  checkpoints: CHECKPOINTS,
  loras: LORAS,
  vae: ['ae.safetensors', 'wan_2.1_vae.safetensors'],
  diffusion_models: [
    'wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors',
    'wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors',
    'flux2_dev_fp8.safetensors',
  ],
  text_encoders: ['umt5_xxl_fp8_e4m3fn_scaled.safetensors', 'clip_l.safetensors', 't5xxl_fp8_e4m3fn.safetensors'],
  embeddings: [],
};

const int = (preset, min = 0, max = 2 ** 31) => ['INT', { default: preset, min, max }];
const float = (preset, min = 0, max = 100) => ['FLOAT', { default: preset, min, max }];
const text = ['STRING', { multiline: true }],
  line = (preset) => ['STRING', { default: preset }];
const size = (preset) => int(preset, 16, 16384),
  link = (type) => [type, {}];
const node = (required, output, more) => ({ required, optional: {}, output, out: false, ...more });
const SEED = int(0, 0, 2 ** 64);

export const NODES = {
  CheckpointLoaderSimple: node({ ckpt_name: [CHECKPOINTS, {}] }, ['MODEL', 'CLIP', 'VAE']),
  UNETLoader: node({ unet_name: [MODELS.diffusion_models, {}], weight_dtype: [['default', 'fp8_e4m3fn', 'fp8_e5m2'], {}] }, ['MODEL']),
  CLIPLoader: node({ clip_name: [MODELS.text_encoders, {}], type: [['stable_diffusion', 'flux', 'flux2', 'wan'], {}] }, ['CLIP'], {
    optional: { device: [['default', 'cpu'], {}] },
  }),
  VAELoader: node({ vae_name: [MODELS.vae, {}] }, ['VAE']),
  LoraLoader: node(
    { model: link('MODEL'), clip: link('CLIP'), lora_name: [LORAS, {}], strength_model: float(1, -100), strength_clip: float(1, -100) },
    ['MODEL', 'CLIP'],
  ),
  LoraLoaderModelOnly: node({ model: link('MODEL'), lora_name: [LORAS, {}], strength_model: float(1, -100) }, ['MODEL']),
  ModelSamplingSD3: node({ model: link('MODEL'), shift: float(3) }, ['MODEL']),
  CLIPTextEncode: node({ text, clip: link('CLIP') }, ['CONDITIONING']),
  EmptyLatentImage: node({ width: size(512), height: size(512), batch_size: int(1, 1, 4096) }, ['LATENT']),
  EmptySD3LatentImage: node({ width: size(1024), height: size(1024), batch_size: int(1, 1, 4096) }, ['LATENT']),
  KSampler: node(
    {
      model: link('MODEL'),
      seed: SEED,
      steps: int(20, 1, 10000),
      cfg: float(8),
      sampler_name: [SAMPLERS, {}],
      scheduler: [SCHEDULERS, {}],
      positive: link('CONDITIONING'),
      negative: link('CONDITIONING'),
      latent_image: link('LATENT'),
      denoise: float(1, 0, 1),
    },
    ['LATENT'],
  ),
  KSamplerAdvanced: node(
    {
      model: link('MODEL'),
      add_noise: [['enable', 'disable'], {}],
      noise_seed: SEED,
      steps: int(20, 1, 10000),
      cfg: float(8),
      sampler_name: [SAMPLERS, {}],
      scheduler: [SCHEDULERS, {}],
      positive: link('CONDITIONING'),
      negative: link('CONDITIONING'),
      latent_image: link('LATENT'),
      start_at_step: int(0, 0, 10000),
      end_at_step: int(10000, 0, 10000),
      return_with_leftover_noise: [['disable', 'enable'], {}],
    },
    ['LATENT'],
  ),
  VAEDecode: node({ samples: link('LATENT'), vae: link('VAE') }, ['IMAGE']),
  VAEEncode: node({ pixels: link('IMAGE'), vae: link('VAE') }, ['LATENT']),
  WanImageToVideo: node(
    {
      positive: link('CONDITIONING'),
      negative: link('CONDITIONING'),
      vae: link('VAE'),
      width: size(832),
      height: size(480),
      length: int(81, 1, 16384),
      batch_size: int(1, 1, 4096),
    },
    ['CONDITIONING', 'CONDITIONING', 'LATENT'],
    { optional: { start_image: link('IMAGE') } },
  ),
  WanFirstLastFrameToVideo: node(
    {
      positive: link('CONDITIONING'),
      negative: link('CONDITIONING'),
      vae: link('VAE'),
      width: size(832),
      height: size(480),
      length: int(81, 1, 16384),
      batch_size: int(1, 1, 4096),
    },
    ['CONDITIONING', 'CONDITIONING', 'LATENT'],
    { optional: { start_image: link('IMAGE'), end_image: link('IMAGE') } },
  ),
  EmptyImage: node({ width: size(512), height: size(512), batch_size: int(1, 1, 4096), color: int(0, 0, 0xffffff) }, ['IMAGE']),
  LoadImage: node({ image: ['INPUT_FILES', { image_upload: true }] }, ['IMAGE', 'MASK']),
  ImageScale: node(
    {
      image: link('IMAGE'),
      upscale_method: [['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'], {}],
      width: int(512, 0, 16384),
      height: int(512, 0, 16384),
      crop: [['disabled', 'center'], {}],
    },
    ['IMAGE'],
  ),
  SaveImage: node({ images: link('IMAGE'), filename_prefix: line('ComfyUI') }, [], { out: 'images' }),
  PreviewImage: node({ images: link('IMAGE') }, [], { out: 'temp' }),
  CreateVideo: node({ images: link('IMAGE'), fps: float(30, 1, 120) }, ['VIDEO'], { optional: { audio: link('AUDIO') } }),
  SaveVideo: node(
    { video: link('VIDEO'), filename_prefix: line('video/ComfyUI'), format: [['auto', 'mp4'], {}], codec: [['auto', 'h264'], {}] },
    [],
    { out: 'video' },
  ),
  VHS_VideoCombine: node(
    {
      images: link('IMAGE'),
      frame_rate: float(8, 1, 240),
      loop_count: int(0, 0, 100),
      filename_prefix: line('AnimateDiff'),
      format: [['video/h264-mp4', 'video/h265-mp4', 'image/gif'], {}],
      pingpong: ['BOOLEAN', { default: false }],
      save_output: ['BOOLEAN', { default: true }],
    },
    ['VHS_FILENAMES'],
    { out: 'gifs' },
  ),
};

export function objectInfo(name, inputs) {
  const { required, optional, output, out } = NODES[name];
  const filled = Object.fromEntries(
    Object.entries(required).map(([k, [type, config]]) => [k, [type === 'INPUT_FILES' ? inputs : type, config]]),
  );
  return {
    input: { required: filled, ...(Object.keys(optional).length && { optional }) },
    input_order: { required: Object.keys(required), ...(Object.keys(optional).length && { optional: Object.keys(optional) }) },
    output,
    output_is_list: output.map(() => false),
    output_name: output,
    name,
    display_name: name,
    description: '',
    python_module: 'nodes',
    category: 'simulated',
    output_node: Boolean(out),
  };
}

const isLink = (value) => Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1]);

function fault(type, message, details, name, config, value, more) {
  return {
    type,
    message,
    details,
    extra_info: {
      input_name: name,
      ...(config && { input_config: config }),
      ...(value !== undefined && { received_value: value }),
      ...more,
    },
  };
}

function linkFault(graph, name, value, config) {
  if (!isLink(value))
    return fault('bad_linked_input', 'Bad linked input, must be a length-2 list of [node_id, slot_index]', name, name, config, value);
  const [from, slot] = value,
    got = NODES[graph[from]?.class_type]?.output[slot];
  if (!graph[from])
    return fault('exception_during_inner_validation', 'Exception when validating inner node', `'${from}'`, name, config, value, {
      linked_node: value,
    });
  return got === config[0]
    ? null
    : fault(
        'return_type_mismatch',
        'Return type mismatch between linked nodes',
        `${name}, received_type(${got}) mismatch input_type(${config[0]})`,
        name,
        config,
        undefined,
        { received_type: got, linked_node: value },
      );
}

function valueFault(name, value, config, inputs) {
  const list = config[0] === 'INPUT_FILES' ? inputs : Array.isArray(config[0]) ? config[0] : null;
  if (config[0] === 'INPUT_FILES')
    return list.includes(value)
      ? null
      : fault(
          'custom_validation_failed',
          'Custom validation failed for node',
          `${name} - Invalid image file: ${value}`,
          name,
          undefined,
          value,
        );
  if (list)
    return list.includes(value)
      ? null
      : fault(
          'value_not_in_list',
          'Value not in list',
          `${name}: '${value}' not in ${list.length > 20 ? `(list of length ${list.length})` : `[${list.map((l) => `'${l}'`).join(', ')}]`}`,
          name,
          [list, config[1]],
          value,
        );
  const [type, { min, max }] = config;
  const number = type === 'INT' || type === 'FLOAT' ? Number(value) : null;
  if (type === 'BOOLEAN' || type === 'STRING') return null;
  if (value === null || value === '' || Number.isNaN(number) || typeof value === 'object')
    return fault(
      'invalid_input_type',
      `Failed to convert an input value to a ${type} value`,
      `${name}, ${value}, invalid literal for ${type === 'INT' ? 'int()' : 'float()'}: '${value}'`,
      name,
      config,
      value,
      { exception_message: `invalid literal: '${value}'` },
    );
  if (number < min) return fault('value_smaller_than_min', `Value ${value} smaller than min of ${min}`, name, name, config, value);
  return number > max ? fault('value_bigger_than_max', `Value ${value} bigger than max of ${max}`, name, name, config, value) : null;
}

function nodeFaults(graph, id, inputs) {
  const { inputs: given = {}, class_type } = graph[id],
    { required, optional } = NODES[class_type],
    found = [];
  for (const [name, config] of Object.entries({ ...required, ...optional })) {
    const value = given[name];
    if (value === undefined && optional[name]) continue;
    if (value === undefined) {
      found.push(fault('required_input_missing', 'Required input is missing', name, name));
      continue;
    }
    const linked =
      isLink(value) ||
      (typeof config[0] === 'string' && /^[A-Z]+$/.test(config[0]) && !['INT', 'FLOAT', 'STRING', 'BOOLEAN'].includes(config[0]));
    const wrong = linked ? linkFault(graph, name, value, config) : valueFault(name, value, config, inputs);
    if (wrong) found.push(wrong);
  }
  return found;
}

export function upstream(graph, id, seen = new Set()) {
  if (seen.has(id) || !graph[id]) return seen;
  seen.add(id);
  for (const value of Object.values(graph[id].inputs ?? {})) if (isLink(value)) upstream(graph, value[0], seen);
  return seen;
}

const refuse = (type, message, details, node_errors = {}, extra_info = {}) => ({
  error: { type, message, details, extra_info },
  node_errors,
});

// -> {outputs [ids that will be made], node_errors}, or {refused: the 400's body}
export function examine(graph, inputs) {
  if (typeof graph !== 'object' || graph === null || Array.isArray(graph))
    return { refused: refuse('no_prompt', 'No prompt provided', 'No prompt provided') };
  for (const [id, one] of Object.entries(graph)) {
    if (!one?.class_type)
      return { refused: refuse('invalid_prompt', 'Cannot execute because a node is missing the class_type property.', `Node ID '#${id}'`) };
    if (!NODES[one.class_type])
      return { refused: refuse('invalid_prompt', `Cannot execute because node ${one.class_type} does not exist.`, `Node ID '#${id}'`) };
  }
  const ends = Object.keys(graph).filter((id) => NODES[graph[id].class_type].out);
  if (!ends.length) return { refused: refuse('prompt_no_outputs', 'Prompt has no outputs', '') };
  const errors = {},
    good = [];
  for (const end of ends) {
    const bad = [...upstream(graph, end)].filter(
      (id) =>
        (errors[id] ??= { errors: nodeFaults(graph, id, inputs), dependent_outputs: [], class_type: graph[id].class_type }).errors.length,
    );
    for (const id of bad) errors[id].dependent_outputs.push(end);
    if (!bad.length) good.push(end);
  }
  const node_errors = Object.fromEntries(Object.entries(errors).filter(([, e]) => e.errors.length));
  if (good.length) return { outputs: good, node_errors };
  const details = Object.values(node_errors)
    .flatMap((e) => e.errors.map((x) => `${x.message}: ${x.details}`))
    .join('\n');
  return { refused: refuse('prompt_outputs_failed_validation', 'Prompt outputs failed validation', details, node_errors) };
}

// What a node's result depends on: its class and values, and those of all before it.
export function signature(graph, id) {
  const plain = [...upstream(graph, id)].map((n) => [graph[n].class_type, graph[n].inputs]);
  return sha256(JSON.stringify(plain));
}
