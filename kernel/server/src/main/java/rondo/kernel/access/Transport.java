package rondo.kernel.access;

/** The ways by which messages come. */
public enum Transport {
    /** Shared memory, asked for over one of the sockets; its client has the roles that it has there. */
    SHARED,
    /** A Unix-domain socket. */
    UNIX,
    /** TCP in the clear, which only this host reaches. */
    TCP,
    /** TCP with TLS 1.3 and a certificate on either side. */
    TLS,
    /** The admin port, HTTP, which only this host reaches. */
    ADMIN
}
