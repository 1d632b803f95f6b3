/**
 * TLS 1.3 with a certificate on either side: contexts from PEM files, and a socket whose bytes are encrypted. For client and server.
 */
@NullMarked
package rondo.client.tls;

import org.jspecify.annotations.NullMarked;
