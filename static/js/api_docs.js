// Swagger UI over our own description of the API. `SwaggerUIBundle` comes from its script, which runs before this module.

const place = document.getElementById("api-docs");
const csrfToken = document.querySelector('meta[name="csrf-token"]').content;

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    if (request.method !== "GET") request.headers["X-CSRFToken"] = csrfToken;
    return request;
  },
});
