package io.divvy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.divvy.protocol.Json;
import io.divvy.protocol.ProtocolException;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Holds exchanges of the HTTP door against {@code openapi.yaml}: path, method, status, media type, headers, bodies. */
public final class OpenApiContract implements Filter {
    public static final OpenApiContract FILTER = new OpenApiContract();

    private static final String ID = "https://divvy.test/openapi";

    private final JsonNode document;
    private final SchemaRegistry schemas;

    private OpenApiContract() {
        try (InputStream yaml = OpenApiContract.class.getResourceAsStream("/openapi.yaml")) {
            document = new ObjectMapper(new YAMLFactory()).readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        schemas = SchemaRegistry.withDialect(
                Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(ID, document.toString())));
    }

    /** All operations, as {@code "GET /tasks/{id}"}. */
    public TreeSet<String> operations() {
        TreeSet<String> operations = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        return operations;
    }

    public JsonNode document() {
        return document;
    }

    /** What is wrong with the value; empty if it fits the schema at the pointer, such as {@code "/components/…"}. */
    public List<Error> errors(String pointer, JsonNode value) {
        return schemas.getSchema(SchemaLocation.of(ID + "#" + pointer)).validate(value);
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request, FilterableResponseSpecification expected, FilterContext context) {
        Response response = context.next(request, expected);
        String method = request.getMethod();
        String exchange = method + " " + request.getURI() + " -> " + response.statusCode();
        String operation =
                operation(exchange, method, URI.create(request.getURI()).getRawPath());
        if (response.statusCode() < 300 && request.getBody() != null) {
            requireValid(exchange + ", request", operation + "/requestBody", "application/json", bytes(request));
        }
        String described = response(exchange, operation, response);
        if (document.at(described).has("content")) {
            requireValid(exchange, described, mediaType(response), response.asByteArray());
        } else if (response.asByteArray().length > 0 || !response.contentType().isEmpty()) {
            throw new AssertionError(exchange + ": openapi.yaml has no content there");
        }
        return response;
    }

    private String operation(String exchange, String method, String path) {
        for (var known : document.get("paths").properties()) {
            String pattern = known.getKey().replace(".", "\\.").replaceAll("\\{[^}]*}", "[^/]+");
            if (path.matches(pattern) && known.getValue().has(method.toLowerCase(Locale.ROOT))) {
                return "/paths/" + escaped(known.getKey()) + "/" + method.toLowerCase(Locale.ROOT);
            }
        }
        throw new AssertionError(exchange + ": openapi.yaml has no such operation");
    }

    private String response(String exchange, String operation, Response response) {
        String pointer = resolved(operation + "/responses/" + response.statusCode());
        JsonNode description = document.at(pointer);
        if (description.isMissingNode()) {
            throw new AssertionError(exchange + ": openapi.yaml has no such status there");
        }
        for (var header : description.path("headers").properties()) {
            if (response.header(header.getKey()) == null) {
                throw new AssertionError(exchange + ": the header " + header.getKey() + " is missing");
            }
        }
        return pointer;
    }

    private void requireValid(String what, String pointer, String mediaType, byte[] body) {
        String content = pointer + "/content/" + escaped(mediaType);
        if (document.at(content).isMissingNode()) {
            throw new AssertionError(what + ": openapi.yaml has no " + mediaType + " there");
        }
        if (mediaType.endsWith("json")) {
            List<Error> errors = errors(content + "/schema", read(what, body));
            if (!errors.isEmpty()) {
                throw new AssertionError(what + " does not fit openapi.yaml: " + errors);
            }
        }
    }

    private static JsonNode read(String what, byte[] body) {
        try {
            return Json.read(body, 0, body.length);
        } catch (ProtocolException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(FilterableRequestSpecification request) {
        Object body = request.getBody();
        return body instanceof byte[] bytes ? bytes : body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String mediaType(Response response) {
        return response.contentType().replaceAll(";.*", "").strip();
    }

    /** Where a reference at the pointer leads, or the pointer itself. */
    private String resolved(String pointer) {
        String reference = document.at(pointer).path("$ref").asText();
        return reference.isEmpty() ? pointer : reference.substring(1);
    }

    /** A part of a JSON pointer, RFC 6901. */
    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
