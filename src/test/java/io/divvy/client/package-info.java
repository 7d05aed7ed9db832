/** The client against a real server, and against one that breaks connections where the test says so. */
package io.divvy.client;
