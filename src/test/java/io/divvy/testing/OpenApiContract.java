package io.divvy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
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
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Holds exchanges of the HTTP API against {@code openapi.yaml}: path, method, parameters, status, media type, headers,
 * and the bodies both ways. What the file does not have must be refused, in the way that its text says.
 */
public final class OpenApiContract implements Filter {
    public static final OpenApiContract FILTER = new OpenApiContract(readDocument());

    private static final String ID = "https://divvy.test/openapi";
    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch");
    private static final String PROBLEM = "application/problem+json";
    private static final List<String> TELLING_HEADERS =
            List.of("ETag", "Accept-Ranges", "Content-Range", "Link", "Location", "Retry-After");

    private final JsonNode document;
    private final SchemaRegistry schemas;

    OpenApiContract(JsonNode document) {
        this.document = document;
        schemas = SchemaRegistry.withDialect(
                Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(ID, document.toString())));
    }

    private static JsonNode readDocument() {
        try (InputStream yaml = OpenApiContract.class.getResourceAsStream("/openapi.yaml")) {
            return new ObjectMapper(new YAMLFactory()).readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonNode document() {
        return document;
    }

    /** What is wrong with the value; empty if it fits the schema at the pointer, such as {@code "/components/…"}. */
    public List<Error> errors(String pointer, JsonNode value) {
        return schemas.getSchema(SchemaLocation.of(ID + "#" + pointer)).validate(value);
    }

    /** Fails unless the server has exactly the operations of the file, such as {@code "GET /tasks/{id}"}. */
    public void requireOperations(Set<String> served) {
        Set<String> described = new TreeSet<>();
        for (var path : document.get("paths").properties()) {
            methods(path.getValue()).forEach(method -> described.add(method + " " + path.getKey()));
        }
        Set<String> missing = new TreeSet<>(served);
        missing.removeAll(described);
        require(missing.isEmpty(), "openapi.yaml does not have what is served: " + missing);
        described.removeAll(served);
        require(described.isEmpty(), "openapi.yaml has what is not served: " + described);
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request, FilterableResponseSpecification expected, FilterContext context) {
        Response response = context.next(request, expected);
        require(HttpExchange.of(request, response));
        return response;
    }

    /** Fails unless the exchange is one that the file allows. */
    public void require(HttpExchange exchange) {
        String path = path(exchange);
        if (path == null) {
            require(
                    exchange.status() == 404 || isShutOut(exchange),
                    exchange + ": openapi.yaml has no such path; expected 404");
            requireProblem(exchange);
            return;
        }
        JsonNode described = document.get("paths").get(path);
        // The file says once for all that HEAD answers as GET does, without a body.
        String method = exchange.method().equals("HEAD") ? "GET" : exchange.method();
        if (methods(described).noneMatch(method::equals)) {
            if (isShutOut(exchange)) {
                requireProblem(exchange);
            } else {
                requireRefusal(exchange, described);
            }
            return;
        }
        String operation = "/paths/" + escaped(path) + "/" + method.toLowerCase(Locale.ROOT);
        if (exchange.succeeded()) {
            requireRequest(exchange, operation);
        }
        requireAnswer(exchange, operation);
    }

    /** Who may not use the server at all hears only that, whatever the path and the method. */
    private static boolean isShutOut(HttpExchange exchange) {
        return exchange.status() == 403 || exchange.status() == 421;
    }

    /** Fails unless the answer is a problem in full, whatever the request was. */
    public void requireProblem(HttpExchange exchange) {
        require(
                exchange.mediaType().equals(PROBLEM),
                exchange + ": expected " + PROBLEM + ", got " + exchange.mediaType());
        if (exchange.method().equals("HEAD")) {
            require(exchange.body().length == 0, exchange + ": expected no body");
            return;
        }
        JsonNode problem = read(exchange.toString(), exchange.body());
        requireValid(exchange.toString(), "/components/schemas/Problem", problem);
        require(
                problem.get("status").intValue() == exchange.status(),
                exchange + ": the problem says that the status is " + problem.get("status"));
    }

    /** The method is not in the file. */
    private void requireRefusal(HttpExchange exchange, JsonNode path) {
        Set<String> allowed = Stream.concat(
                        methods(path)
                                .flatMap(method -> method.equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(method)),
                        Stream.of("OPTIONS"))
                .collect(Collectors.toSet());
        String listed = String.valueOf(exchange.headers().get("Allow"));
        require(
                allowed.equals(Set.of(listed.split(", "))),
                exchange + ": expected Allow: " + allowed + ", got "
                        + exchange.headers().get("Allow"));
        if (exchange.method().equals("OPTIONS")) {
            require(
                    exchange.status() == 204 && exchange.body().length == 0,
                    exchange + ": expected 204 without a body for OPTIONS");
        } else {
            require(exchange.status() == 405, exchange + ": openapi.yaml has no such method there; expected 405");
            requireProblem(exchange);
        }
    }

    /** What the server took, the file must allow. */
    private void requireRequest(HttpExchange exchange, String operation) {
        Map<String, String> known = new LinkedHashMap<>();
        JsonNode parameters = document.at(operation + "/parameters");
        for (int i = 0; i < parameters.size(); i++) {
            String pointer = resolved(operation + "/parameters/" + i);
            if (document.at(pointer + "/in").asText().equals("query")) {
                known.put(document.at(pointer + "/name").asText(), pointer);
            }
        }
        for (String[] parameter : query(exchange)) {
            String what = exchange + ", query parameter " + parameter[0];
            require(known.containsKey(parameter[0]), what + ": openapi.yaml has no such parameter there");
            String schema = known.get(parameter[0]) + "/schema";
            // One that may be given several times is an array of what each of them says.
            boolean isArray =
                    document.at(resolved(schema)).path("type").asText().equals("array");
            requireValidText(what, isArray ? schema + "/items" : schema, parameter[1]);
        }
        if (exchange.requestBody().length > 0) {
            requireBody(exchange + ", request", operation + "/requestBody", "application/json", exchange.requestBody());
        } else {
            require(
                    !document.at(operation + "/requestBody/required").asBoolean(),
                    exchange + ": openapi.yaml requires a body of the request");
        }
    }

    private void requireAnswer(HttpExchange exchange, String operation) {
        String pointer = resolved(operation + "/responses/" + exchange.status());
        JsonNode description = document.at(pointer);
        require(!description.isMissingNode(), exchange + ": openapi.yaml has no such status there");
        requireHeaders(exchange, pointer);
        if (exchange.status() >= 400) {
            requireProblem(exchange);
        }
        if (!description.has("content")) {
            require(exchange.body().length == 0, exchange + ": openapi.yaml has no body there");
        } else if (exchange.method().equals("HEAD")) {
            require(
                    description.get("content").has(exchange.mediaType()),
                    exchange + ": openapi.yaml has no " + exchange.mediaType() + " there");
            require(exchange.body().length == 0, exchange + ": expected no body");
        } else {
            requireBody(exchange.toString(), pointer, exchange.mediaType(), exchange.body());
        }
    }

    /** Those that the file describes are as it says, and there if it requires them; it knows all that tell of the body. */
    private void requireHeaders(HttpExchange exchange, String response) {
        JsonNode headers = document.at(response + "/headers");
        for (var header : headers.properties()) {
            String value = exchange.headers().get(header.getKey());
            String described = resolved(response + "/headers/" + escaped(header.getKey()));
            require(
                    value != null || !document.at(described + "/required").asBoolean(),
                    exchange + ": the header " + header.getKey() + " is missing");
            if (value != null) {
                requireValidText(exchange + ", header " + header.getKey(), described + "/schema", value);
            }
        }
        for (String name : TELLING_HEADERS) {
            require(
                    headers.has(name) || !exchange.headers().containsKey(name),
                    exchange + ": openapi.yaml has no header " + name + " there");
        }
    }

    private void requireBody(String what, String pointer, String mediaType, byte[] body) {
        String content = pointer + "/content/" + escaped(mediaType);
        require(!document.at(content).isMissingNode(), what + ": openapi.yaml has no " + mediaType + " there");
        boolean isPart = pointer.endsWith("/206");
        if (mediaType.endsWith("json") && !isPart) { // A part of a text that is JSON is none.
            requireValid(what, content + "/schema", read(what, body));
        }
    }

    private void requireValid(String what, String schema, JsonNode value) {
        List<Error> errors = errors(schema, value);
        require(errors.isEmpty(), what + " does not fit openapi.yaml: " + errors);
    }

    /** Outside of JSON a number has no other form than a text: either may fit. */
    private void requireValidText(String what, String schema, String text) {
        if (!text.matches("-?[0-9]{1,18}")
                || !errors(schema, Json.MAPPER.getNodeFactory().numberNode(Long.parseLong(text)))
                        .isEmpty()) {
            requireValid(what, schema, TextNode.valueOf(text));
        }
    }

    /** The path of the file that the request goes to, or null. */
    private String path(HttpExchange exchange) {
        for (var known : document.get("paths").properties()) {
            String pattern = known.getKey().replace(".", "\\.").replaceAll("\\{[^}]*}", "[^/]+");
            if (exchange.uri().getRawPath().matches(pattern)) {
                return known.getKey();
            }
        }
        return null;
    }

    /** Names and values. */
    private static List<String[]> query(HttpExchange exchange) {
        String query = exchange.uri().getRawQuery();
        return Arrays.stream(query == null || query.isEmpty() ? new String[0] : query.split("&"))
                .map(part -> URLDecoder.decode(part + (part.contains("=") ? "" : "="), StandardCharsets.UTF_8)
                        .split("=", 2))
                .toList();
    }

    /** Of a path in the file, in the order of the file. */
    private static Stream<String> methods(JsonNode path) {
        return StreamSupport.stream(((Iterable<String>) path::fieldNames).spliterator(), false)
                .filter(METHODS::contains)
                .map(method -> method.toUpperCase(Locale.ROOT));
    }

    private static JsonNode read(String what, byte[] body) {
        try {
            return Json.read(body, 0, body.length);
        } catch (ProtocolException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
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

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
