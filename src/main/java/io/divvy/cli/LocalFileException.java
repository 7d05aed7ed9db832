package io.divvy.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** A file of this machine, or the output of this process, could not be read or written. */
final class LocalFileException extends Exception {
    /** Why a stream that Java keeps its errors of could not be written. */
    static final String STDOUT = "standard output could not be written: it is full or closed";

    private static final long serialVersionUID = 1;

    LocalFileException(String message, @Nullable IOException cause) {
        super(message, cause);
    }

    /** @param option which names it, as its user wrote it */
    static LocalFileException reading(String option, String file, IOException cause) {
        return new LocalFileException(option + ": cannot read " + file + ": " + reason(cause), cause);
    }

    /** @param option which names it, as its user wrote it */
    static LocalFileException writing(String option, String file, IOException cause) {
        return new LocalFileException(
                option + ": cannot write " + file + ": "
                        + (cause instanceof NoSuchFileException ? "its folder is not there" : reason(cause)),
                cause);
    }

    /** Java says no more than the name of a file that is not there. */
    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "it is not there, or its folder is not";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return "it is there already";
        }
        if (cause instanceof FileSystemException named && named.getReason() != null) {
            return String.valueOf(named.getReason());
        }
        if ("Is a directory".equals(cause.getMessage())) {
            return "it is a folder";
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
