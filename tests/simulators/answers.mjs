// A JSON schema comes in, a value that satisfies it goes out: yes, the middle of a range, the first of a choice, a text drawn from
// the digest. Both spellings are read: JSON Schema's and the upper-case types of OpenAPI. It never looks at the question.
// SPDX-License-Identifier: ISC
import { sha256 } from './picture.mjs';

const WORDS = 'amber brook cedar dawn ember fern grove harbor island juniper kettle lantern meadow north orchard pebble quartz river'.split(
  ' ',
);

export function words(digest, count = 8) {
  const bytes = Buffer.from(sha256(digest), 'hex');
  return Array.from({ length: count }, (_, i) => WORDS[bytes[i % bytes.length] % WORDS.length]).join(' ');
}

function number(schema, whole) {
  const low = schema.minimum ?? 0,
    high = schema.maximum ?? Math.max(low, 1);
  return whole ? Math.floor((low + high + 1) / 2) : (low + high * 9) / 10;
}

export function valueOf(schema, digest = '') {
  if (schema.enum) return schema.enum[0];
  if ('const' in schema) return schema.const;
  const first = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0];
  if (first) return valueOf(first, digest);
  const type = String([].concat(schema.type ?? 'object')[0]).toLowerCase();
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return number(schema, type === 'integer');
  if (type === 'string') return words(digest, 4);
  if (type === 'null') return null;
  if (type === 'array')
    return Array.from({ length: schema.minItems ?? schema.prefixItems?.length ?? 0 }, (_, i) =>
      valueOf(schema.prefixItems?.[i] ?? schema.items ?? {}, `${digest} ${i}`),
    );
  const names = schema.propertyOrdering ?? Object.keys(schema.properties ?? {});
  return Object.fromEntries(names.map((name) => [name, valueOf(schema.properties[name], `${digest} ${name}`)]));
}

// What a text model says: what a test ordered, a value of the schema, or words.
export function saying(fault, schema, digest) {
  if (fault?.kind === 'say') return fault.text ?? JSON.stringify(fault.json);
  return schema ? JSON.stringify(valueOf(schema, digest)) : words(digest);
}
