package io.divvy.recording;

import io.divvy.state.Results;

/** Results as letters; those that are null as {@code -}. */
record LetterResults(String text) implements Results {
    @Override
    public long sizeBytes() {
        return text.length();
    }

    @Override
    public int firstNonNull(int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '-') {
                return i;
            }
        }
        return -1;
    }
}
