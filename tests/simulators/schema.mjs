// An endpoint's fields ("string*", "integer 1..4 = 1", "choice a|b = a", "size", "loras 0..3") and an input come in; the input with
// its defaults, the fields nobody knows, and the faults as the provider words them go out. It changes nothing it was given.
// SPDX-License-Identifier: ISC

const FIELD = /^(\w+)((?:\|\w+)*)(?: (-?[\d.]+)\.\.(-?[\d.]+))?(?: ([^*=]+?))?(\*)?(?: = (.*))?$/;

export function parseField(text) {
  const choice = /^choice ([^*=]+?)(\*)?(?: = (.*))?$/.exec(text);
  if (choice) return { type: 'choice', choices: choice[1].split('|'), required: Boolean(choice[2]), preset: choice[3] };
  const [, type, more, low, high, , required, preset] = FIELD.exec(text);
  return {
    type,
    more: more ? more.slice(1).split('|') : [],
    low: low && Number(low),
    high: high && Number(high),
    required: Boolean(required),
    preset,
  };
}

export const PRESET_SIZES = {
  square_hd: [1024, 1024],
  square: [512, 512],
  portrait_4_3: [768, 1024],
  portrait_16_9: [576, 1024],
  landscape_4_3: [1024, 768],
  landscape_16_9: [1024, 576],
  auto_2K: [2048, 2048],
  auto_4K: [4096, 4096],
};

const fault = (loc, type, msg, input, ctx) => ({ loc, msg, type, input, ...(ctx && { ctx }) });

function rangeFault(loc, field, value, isList) {
  const size = isList ? value.length : value;
  if (field.low !== undefined && size < field.low)
    return isList
      ? fault(loc, 'sequence_too_short', `Sequence must have at least ${field.low} items.`, value, { min_length: field.low })
      : fault(loc, 'greater_than_equal', `Input should be greater than or equal to ${field.low}`, value, { ge: field.low });
  if (field.high !== undefined && size > field.high)
    return isList
      ? fault(loc, 'sequence_too_long', `Sequence must have at most ${field.high} items.`, value, { max_length: field.high })
      : fault(loc, 'less_than_equal', `Input should be less than or equal to ${field.high}`, value, { le: field.high });
  return null;
}

function sizeFault(loc, field, value) {
  if (typeof value === 'string') {
    const names = Object.keys(PRESET_SIZES).filter((name) => !name.startsWith('auto') || field.more.includes(name));
    return names.includes(value)
      ? null
      : fault(loc, 'literal_error', `Input should be ${names.map((n) => `'${n}'`).join(', ')}`, value, { expected: names.join(', ') });
  }
  for (const side of ['width', 'height']) {
    const n = value?.[side];
    if (!Number.isInteger(n))
      return fault(
        [...loc, side],
        n === undefined ? 'missing' : 'int_type',
        n === undefined ? 'Field required' : 'Input should be a valid integer',
        value,
      );
    const wrong = rangeFault([...loc, side], { low: 64, high: 14142 }, n);
    if (wrong) return wrong;
  }
  return null;
}

function loraFault(loc, value) {
  for (const [i, lora] of value.entries()) {
    if (typeof lora?.path !== 'string') return fault([...loc, i, 'path'], 'missing', 'Field required', lora);
    if (lora.scale !== undefined && (typeof lora.scale !== 'number' || lora.scale < 0 || lora.scale > 4))
      return fault([...loc, i, 'scale'], 'less_than_equal', 'Input should be less than or equal to 4', lora.scale, { le: 4 });
    if (lora.transformer !== undefined && !['high', 'low', 'both'].includes(lora.transformer))
      return fault([...loc, i, 'transformer'], 'literal_error', "Input should be 'high', 'low' or 'both'", lora.transformer);
  }
  return null;
}

const isUrl = (value) => /^(https?:\/\/|data:[\w.+/-]+;base64,)/.test(value);

function typeFault(loc, field, value) {
  const { type } = field;
  if (type === 'string' || type === 'url') {
    if (typeof value !== 'string') return fault(loc, 'string_type', 'Input should be a valid string', value);
    return type === 'url' && !isUrl(value)
      ? fault(loc, 'file_download_error', 'Failed to download the file. Please check if the URL is accessible and try again.', value)
      : null;
  }
  if (type === 'bool') return typeof value === 'boolean' ? null : fault(loc, 'bool_type', 'Input should be a valid boolean', value);
  if (type === 'choice')
    return field.choices.includes(value)
      ? null
      : fault(loc, 'literal_error', `Input should be ${field.choices.map((c) => `'${c}'`).join(' or ')}`, value, {
          expected: field.choices.join(', '),
        });
  if (type === 'integer' || type === 'number') {
    if (typeof value !== 'number')
      return fault(loc, type === 'integer' ? 'int_type' : 'float_type', `Input should be a valid ${type}`, value);
    return type === 'integer' && !Number.isInteger(value)
      ? fault(loc, 'int_from_float', 'Input should be a valid integer, got a number with a fractional part', value)
      : rangeFault(loc, field, value);
  }
  if (type === 'size') return sizeFault(loc, field, value);
  if (!Array.isArray(value)) return fault(loc, 'list_type', 'Input should be a valid list', value);
  if (type === 'strings' && !value.every((v) => typeof v === 'string'))
    return fault(loc, 'string_type', 'Input should be a valid string', value);
  return rangeFault(loc, field, value, true) ?? (type === 'loras' ? loraFault(loc, value) : null);
}

const presetOf = ({ type, preset }) =>
  type === 'integer' || type === 'number' ? Number(preset) : type === 'bool' ? preset === 'true' : preset;

// -> {input (with defaults), ignored [names], faults [{loc, msg, type, input, ctx?}]}
export function check(fields, given) {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return {
      input: {},
      ignored: [],
      faults: [
        fault(['body'], 'model_attributes_type', 'Input should be a valid dictionary or object to extract fields from', given ?? null),
      ],
    };
  const input = {},
    faults = [];
  for (const [name, text] of Object.entries(fields)) {
    const field = parseField(text),
      value = given[name];
    if (value === undefined || value === null) {
      if (field.required) faults.push(fault(['body', name], 'missing', 'Field required', given));
      else if (field.preset !== undefined) input[name] = presetOf(field);
      continue;
    }
    const wrong = typeFault(['body', name], field, value);
    if (wrong) faults.push(wrong);
    input[name] = value;
  }
  return { input, ignored: Object.keys(given).filter((name) => !Object.hasOwn(fields, name)), faults };
}
