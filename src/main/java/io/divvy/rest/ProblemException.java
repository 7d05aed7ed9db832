package io.divvy.rest;

import io.divvy.protocol.ErrorCode;

/** A request that cannot be answered as wished; the problem says why. */
final class ProblemException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    ProblemException(ErrorCode code, String detail) {
        this(new Problem(code, detail));
    }

    Problem problem() {
        return problem;
    }
}
