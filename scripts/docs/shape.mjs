/**
 * A JSON Schema as a few words, for a table cell.
 * @param {any} schema
 * @returns {string}
 */
export function shape(schema) {
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map(shape))].join(' or ');
  switch (schema.type) {
    case 'array':
      return schema.items ? `list of ${shape(schema.items)}` : 'list';
    case 'object':
      return object(schema);
    case 'integer':
    case 'number':
      return `${schema.type}${range(schema)}`;
    case 'string':
      return schema.title ?? 'string';
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      return 'any JSON value';
  }
}

function object(schema) {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0) {
    const [value] = Object.values(schema.patternProperties ?? {});
    return value ? `object of ${shape(value)} by name` : 'object';
  }
  const fields = names.map((name) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    return `${name}${optional}: ${shape(schema.properties[name])}`;
  });
  return `{ ${fields.join(', ')} }`;
}

function range({ minimum, maximum }) {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return '';
}

/** What a field means, from the schema or from one of its alternatives. */
export function meaning(schema) {
  return schema.description ?? schema.anyOf?.map((one) => one.description).find(Boolean) ?? '';
}
