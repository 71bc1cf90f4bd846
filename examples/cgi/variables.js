/** Headers that are variables of their own, or nobody's business. */
const left = new Set(['content-type', 'content-length', 'authorization', 'proxy-authorization', 'connection']);

/** The meta-variables of RFC 3875, 4.1. Names in the address are decoded, the query is as it came. */
export function variablesOf(request, { name, rest, query, port }) {
  const { headers, method, httpVersion, socket } = request;
  const prefix = headers['x-forwarded-prefix'] ?? '';
  const [host, outerPort] = (headers['x-forwarded-host'] ?? headers.host ?? 'localhost').split(/:(?=\d+$)/);
  const variables = {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'ploinky-cgi',
    SERVER_PROTOCOL: `HTTP/${httpVersion}`,
    SERVER_NAME: host,
    SERVER_PORT: outerPort ?? headers['x-forwarded-port'] ?? String(port),
    REQUEST_METHOD: method,
    SCRIPT_NAME: `${prefix === '/' ? '' : prefix}${name === '' ? '' : `/${name}`}`,
    PATH_INFO: decoded(rest),
    QUERY_STRING: query,
    REMOTE_ADDR: (headers['x-forwarded-for'] ?? socket.remoteAddress ?? '').split(',')[0].trim(),
    ...(headers['content-type'] === undefined ? {} : { CONTENT_TYPE: headers['content-type'] }),
    ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
  };
  for (const [header, value] of Object.entries(headers)) {
    // HTTP_PROXY would be taken for the proxy of whatever the script calls.
    if (left.has(header) || header === 'proxy') continue;
    variables[`HTTP_${header.toUpperCase().replaceAll('-', '_')}`] = Array.isArray(value) ? value.join(', ') : value;
  }
  return withoutNul(variables);
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** No environment can hold it. */
function withoutNul(variables) {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replaceAll('\0', '')]));
}
