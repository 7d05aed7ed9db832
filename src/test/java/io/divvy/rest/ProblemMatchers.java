package io.divvy.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.divvy.protocol.Json;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import java.io.UncheckedIOException;
import org.hamcrest.Description;
import org.hamcrest.Matcher;
import org.hamcrest.TypeSafeDiagnosingMatcher;

/** Says in a test what a problem should look like. */
final class ProblemMatchers {
    private ProblemMatchers() {}

    /** A whole problem body: nothing is missing, and its detail is as given. */
    static Matcher<String> isProblem(int status, String code, Matcher<String> detail) {
        return new TypeSafeDiagnosingMatcher<>() {
            @Override
            protected boolean matchesSafely(String body, Description mismatch) {
                mismatch.appendText("was ").appendText(body);
                JsonNode problem = read(body);
                return problem.path("type").asText().equals("about:blank")
                        && !problem.path("title").asText().isEmpty()
                        && problem.path("status").intValue() == status
                        && problem.path("code").asText().equals(code)
                        && detail.matches(problem.path("detail").asText());
            }

            @Override
            public void describeTo(Description description) {
                description
                        .appendText("a problem " + status + " " + code + " with detail ")
                        .appendDescriptionOf(detail);
            }
        };
    }

    /** Keeps REST Assured from adding a charset and from encoding a text as a form. */
    static RestAssuredConfig sendingBodiesAsTheyAre() {
        return RestAssuredConfig.config()
                .encoderConfig(EncoderConfig.encoderConfig()
                        .appendDefaultContentCharsetToContentTypeIfUndefined(false)
                        .encodeContentTypeAs("application/x-www-form-urlencoded", ContentType.TEXT));
    }

    private static JsonNode read(String body) {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
