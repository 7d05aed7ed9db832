package io.divvy.rest;

/**
 * In which form a client wants a result. One that is a picture is there as the picture, which is sent by default, and as the
 * JSON that it is stored as.
 */
record ResultForm(ResultNumbers numbers, AcceptedTypes accepted) {
    boolean takesPictures() {
        double picture = accepted.quality(PictureText.PNG);
        return picture > 0 && picture >= accepted.quality(Reply.JSON);
    }

    boolean takesJson() {
        return accepted.quality(Reply.JSON) > 0;
    }
}
