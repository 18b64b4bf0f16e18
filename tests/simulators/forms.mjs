// A request's body comes in, its fields and files go out, whether it is JSON, urlencoded or multipart. It writes nothing to disk.
// SPDX-License-Identifier: ISC

const CRLF2 = Buffer.from('\r\n\r\n');

// A parameter of a header, quoted or bare: name="a b" or filename=r.png
const parameter = (header, name) => {
  const found = new RegExp(`(?:^|;)\\s*${name}=(?:"([^"]*)"|([^;\\r\\n]*))`, 'i').exec(header);
  return found ? (found[1] ?? found[2].trim()) : null;
};

function partOf(bytes) {
  const end = bytes.indexOf(CRLF2);
  if (end < 0) return null;
  const head = bytes.toString('utf8', 0, end),
    disposition = /^content-disposition:\s*(?:form-data)?;?(.*)$/im.exec(head)?.[1] ?? '';
  const type = /^content-type:\s*(.*)$/im.exec(head)?.[1]?.trim();
  return { name: parameter(disposition, 'name'), filename: parameter(disposition, 'filename'), type, bytes: bytes.subarray(end + 4) };
}

function multipart(body, boundary) {
  const mark = Buffer.from(`--${boundary}`),
    fields = {},
    files = {};
  let at = body.indexOf(mark);
  while (at >= 0) {
    const from = at + mark.length + 2,
      next = body.indexOf(mark, from);
    if (next < 0) break;
    const part = partOf(body.subarray(from, next - 2));
    if (part?.name && part.filename !== null) files[part.name] = part;
    else if (part?.name) fields[part.name] = part.bytes.toString('utf8');
    at = next;
  }
  return { fields, files };
}

// -> {fields {name: text or JSON value}, files {name: {filename, type, bytes}}}, or null when the body is not what its type says.
export function formOf(call) {
  const type = call.headers['content-type'] ?? '';
  if (/^multipart\/form-data/i.test(type)) {
    const boundary = parameter(type.slice(type.indexOf(';')), 'boundary');
    return boundary ? multipart(call.body, boundary) : null;
  }
  if (/^application\/x-www-form-urlencoded/i.test(type))
    return { fields: Object.fromEntries(new URLSearchParams(call.body.toString('utf8'))), files: {} };
  if (!call.body.length) return { fields: Object.fromEntries(call.query), files: {} };
  return typeof call.json === 'object' && call.json !== null ? { fields: call.json, files: {} } : null;
}
