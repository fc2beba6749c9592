// The interface drawn from its description. What it tries out changes something only with the session's token.
'use strict'
const token = document.querySelector('meta[name=csrf]')?.content ?? ''
SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#interface',
  docExpansion: 'list',
  defaultModelsExpandDepth: -1,
  requestInterceptor: (request) => {
    request.headers['X-CSRF-Token'] = token
    return request
  },
})
