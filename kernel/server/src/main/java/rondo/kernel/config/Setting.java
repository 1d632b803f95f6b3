package rondo.kernel.config;

import java.util.List;

/**
 * Every setting there is, in the order in which {@code config print} shows them: name, type, default, bounds and the reason for the default.
 *
 * <p>A name with dots is a path in the YAML file ({@code tcp.port} is {@code port} below {@code tcp}). Bounds are inclusive.
 */
public enum Setting {
    DIRECTORY(
            "directory",
            Type.TEXT,
            "data",
            0,
            0,
            List.of(),
            "where catalogue, journal and state live; one process at a time"),
    CATALOG_VERSION(
            "catalog.version", Type.INTEGER, "0", 0, Long.MAX_VALUE, List.of(), "catalogue to serve; 0 is the newest"),
    USERS_MAX(
            "audience.usersMax",
            Type.INTEGER,
            "1000000",
            1,
            1L << 28,
            List.of(),
            "users whose history is kept; bounds memory at about 300 bytes each"),
    TCP_HOST("tcp.host", Type.TEXT, "127.0.0.1", 0, 0, List.of(), "address of the binary door"),
    TCP_PORT("tcp.port", Type.INTEGER, "7400", 0, 65_535, List.of(), "port of the binary door; 0 takes a free one"),
    TCP_CONNECTIONS_MAX(
            "tcp.connectionsMax",
            Type.INTEGER,
            "256",
            1,
            65_536,
            List.of(),
            "connections kept; a further one is closed at once"),
    TCP_ROLES(
            "tcp.roles",
            Type.TEXT,
            "serve,outcome",
            0,
            0,
            List.of(),
            "what processes of this host may do over TCP in the clear: serve asks for slates, outcome reports what became of them; none for nothing"),
    TLS_CERTIFICATE(
            "tls.certificate",
            Type.TEXT,
            "off",
            0,
            0,
            List.of(),
            "PEM file with the server's certificate and those below its authority; turns TCP into TLS 1.3 with a certificate on either side; off for TCP in the clear, which only this host may reach"),
    TLS_KEY("tls.key", Type.TEXT, "off", 0, 0, List.of(), "PEM file with its private key, PKCS #8, not encrypted"),
    TLS_AUTHORITIES(
            "tls.authorities",
            Type.TEXT,
            "off",
            0,
            0,
            List.of(),
            "PEM file with the certificates of the authorities whose signature a client's certificate must bear"),
    TLS_ROLES(
            "tls.roles",
            Type.TEXT,
            "off",
            0,
            0,
            List.of(),
            "file with a line for each client, NAME = ROLE, ROLE, by the DNS or URI name in its certificate; who is not in it has none"),
    TLS_HANDSHAKES_PER_SECOND(
            "tls.handshakesPerSecond",
            Type.INTEGER,
            "50",
            1,
            10_000,
            List.of(),
            "TLS handshakes that may begin; each takes about six milliseconds of a processor"),
    CLIENT_CONNECTIONS_MAX(
            "client.connectionsMax",
            Type.INTEGER,
            "256",
            1,
            65_536,
            List.of(),
            "connections of one client, by its address, user or certificate"),
    CLIENT_REQUESTS_PER_SECOND(
            "client.requestsPerSecond",
            Type.INTEGER,
            "0",
            0,
            10_000_000,
            List.of(),
            "requests, outcomes and interactions of one client, a second's worth of them at once; 0 for any number"),
    CLIENT_IDLE_MS(
            "client.idleMs",
            Type.INTEGER,
            "600000",
            1_000,
            86_400_000,
            List.of(),
            "how long a client without shared memory may say nothing before its connection is closed"),
    UNIX_PATH(
            "unix.path",
            Type.TEXT,
            "off",
            0,
            0,
            List.of(),
            "Unix-domain socket that the binary door listens on too, which only this user can connect to; off for none"),
    UNIX_ROLES(
            "unix.roles",
            Type.TEXT,
            "serve,outcome",
            0,
            0,
            List.of(),
            "what this user's processes may do over the Unix-domain socket, as tcp.roles"),
    SHM_DIRECTORY(
            "shm.directory",
            Type.TEXT,
            "/dev/shm",
            0,
            0,
            List.of(),
            "folder below which clients of this host get shared memory, best in memory itself; off for none"),
    ADMIN_HOST(
            "admin.host",
            Type.TEXT,
            "127.0.0.1",
            0,
            0,
            List.of("127.0.0.1", "localhost", "::1"),
            "address of the admin door; loopback only, because it speaks in the clear"),
    ADMIN_ROLES(
            "admin.roles",
            Type.TEXT,
            "serve,outcome,policy,observe",
            0,
            0,
            List.of(),
            "what may be done over the admin door: policy promotes and demotes, observe reads metrics, agents and rewards"),
    ADMIN_PORT(
            "admin.port",
            Type.INTEGER,
            "7401",
            0,
            65_535,
            List.of(),
            "port of health, metrics and the JSON door; 0 takes a free one"),
    RING_CAPACITY(
            "request.ringCapacity",
            Type.POWER_OF_TWO,
            "256",
            2,
            1 << 16,
            List.of(),
            "requests in flight; bounds memory and waiting"),
    DEADLINE_US(
            "request.deadlineUs",
            Type.INTEGER,
            "50000",
            1,
            60_000_000,
            List.of(),
            "deadline of a request that names none"),
    ADMISSION(
            "request.admission",
            Type.TEXT,
            "wait",
            0,
            0,
            List.of("wait", "fifo"),
            "which requests may wait for their turn: those whose time is enough for it, the others get popular items at once; or all there is room for, to compare"),
    HANG_MS(
            "stage.hangMs",
            Type.INTEGER,
            "0",
            0,
            3_600_000,
            List.of(),
            "how long a stage may work on one request, or wait, before its thread is given up and the agents get a rest; twenty times as long for the first 2,000 requests; 0 is four times request.deadlineUs, at least 50"),
    FAULT(
            "drill.fault",
            Type.TEXT,
            "off",
            0,
            0,
            List.of(),
            "what an agent does wrong on purpose, to see what becomes of requests: a stage (admit, retrieve, rank, select), what (throw, hang, loop, recurse, allocate, nan, length) and the share of the requests with ids from 1,000,000 on, as rank:throw:0.5"),
    RETRY_PERCENT(
            "request.retryPercent",
            Type.INTEGER,
            "10",
            0,
            100,
            List.of(),
            "of a hundred requests, how many a client may ask again; told to clients, kept by ours: retries without a bound keep an overload alive"),
    THREAD_PLAN(
            "thread.plan",
            Type.TEXT,
            "auto",
            0,
            0,
            List.of("auto", "fused", "split", "staged", "spread"),
            "which threads run the stages: all on the transport's thread, all on one of their own, two groups, or four"),
    THREAD_CPUS(
            "thread.cpus",
            Type.TEXT,
            "off",
            0,
            0,
            List.of(),
            "processors that the transport's thread and the stages' threads, in this order, stay on, with commas between; off leaves it to the system, which is best when others use the same processors"),
    STATIC_SHARE(
            "traffic.staticShare",
            Type.REAL,
            "0.02",
            0,
            1,
            List.of(),
            "share of users that the static chain serves, as concurrent holdback"),
    STATIC_ROUTE(
            "retrieval.staticRoute",
            Type.TEXT,
            "auto",
            0,
            0,
            List.of(),
            "route of the static chain and first guess of the agent; auto is vector when the catalogue has vectors, else everything"),
    PROMOTED(
            "agents.promoted",
            Type.TEXT,
            "auto",
            0,
            0,
            List.of(),
            "stages to make agents, by name with commas between, all or none; only what passes the closure gate becomes one; a changed list is applied at start, afterwards the journal decides; auto is at first traffic, retrieval, ranking and filter"),
    LEARNING("learning.on", Type.FLAG, "true", 0, 0, List.of(), "false freezes every policy at its first block"),
    OUTCOME_WINDOW_MS(
            "learning.windowMs",
            Type.INTEGER,
            "1800000",
            1,
            86_400_000,
            List.of(),
            "how long a decision waits for its outcome"),
    EPSILON(
            "learning.explorationFloor",
            Type.REAL,
            "0.02",
            0,
            1,
            List.of(),
            "share spread evenly over all actions, whatever was learnt"),
    TV_BOUND(
            "learning.deviationMax",
            Type.REAL,
            "0.10",
            0,
            1,
            List.of(),
            "how far a policy may move in one epoch, total variation"),
    EPOCH_OUTCOMES(
            "learning.epochOutcomes",
            Type.INTEGER,
            "50",
            1,
            1_000_000,
            List.of(),
            "outcomes of a segment that make an epoch"),
    REFRESH_OUTCOMES(
            "learning.refreshOutcomes",
            Type.INTEGER,
            "10",
            1,
            10_000,
            List.of(),
            "outcomes of a segment between two policy blocks"),
    LOSS_MAX(
            "learning.lossMax",
            Type.REAL,
            "0.01",
            0,
            1,
            List.of(),
            "how far an agent's policy may be believed to be behind its static action, as a share of what that earns; then it plays that action until enough is earned again, wherever it would lose more than this"),
    CHALLENGERS(
            "learning.challengers",
            Type.TEXT,
            "ranking=squarecb",
            0,
            0,
            List.of(),
            "learners that challenge an agent's own, agent=learner with commas between, or none; one gets traffic only as far as it plausibly costs 1 %; learners are squarecb, linear-thompson, global-thompson"),
    ALPHA_MIN(
            "reward.alphaMin",
            Type.REAL,
            "0.2",
            0,
            1,
            List.of(),
            "weight of the local reward while the audience is volatile"),
    ALPHA_MAX(
            "reward.alphaMax",
            Type.REAL,
            "0.8",
            0,
            1,
            List.of(),
            "weight of the local reward while the audience is stable"),
    VIEW_WORTH(
            "reward.viewWorth",
            Type.REAL,
            "0.2",
            0,
            1,
            List.of(),
            "what a view is worth in the global reward; a fifth of what follows one if the item is liked"),
    CLICK_WORTH("reward.clickWorth", Type.REAL, "1", 0, 1, List.of(), "what a click is worth in the global reward"),
    LIKE_WORTH("reward.likeWorth", Type.REAL, "1", 0, 1, List.of(), "what a like is worth in the global reward"),
    PURCHASE_WORTH(
            "reward.purchaseWorth", Type.REAL, "1", 0, 1, List.of(), "what a purchase is worth in the global reward"),
    SESSION_WEIGHT(
            "reward.sessionWeight",
            Type.REAL,
            "0",
            0,
            1,
            List.of(),
            "weight in the global reward of a user's coming back; above 0 decisions wait until that is known, so each person needs a user id"),
    SESSION_GAP_MS(
            "reward.sessionGapMs",
            Type.INTEGER,
            "60000",
            1,
            86_400_000,
            List.of(),
            "how soon a user must come back, at most learning.windowMs; a minute is a look at a slate and the next request"),
    DIVERSITY_WEIGHT(
            "reward.diversityWeight",
            Type.REAL,
            "0",
            0,
            1,
            List.of(),
            "weight in the global reward of the slate's category distance, as a share of that of random slates"),
    MONITORING(
            "monitor.on",
            Type.FLAG,
            "true",
            0,
            0,
            List.of(),
            "watches for collusion, collapse and reward hacking, and reverts what does harm; agents may not learn without it"),
    ARTICLE(
            "monitor.article",
            Type.FLAG,
            "false",
            0,
            0,
            List.of(),
            "lets the source article's monitors look too; what they find stands among the incidents and nothing follows, because they are often wrong"),
    SEED(
            "seed",
            Type.INTEGER,
            "1",
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            List.of(),
            "keys every random draw; the same seed and requests give the same actions");

    enum Type {
        TEXT,
        INTEGER,
        POWER_OF_TWO,
        REAL,
        FLAG
    }

    private final String path;
    private final Type type;
    private final String defaultText;
    private final double min;
    private final double max;
    /** Joined by commas: an enum's fields must be immutable for all to see. */
    private final String choices;

    private final String reason;

    Setting(String path, Type type, String defaultText, double min, double max, List<String> choices, String reason) {
        this.path = path;
        this.type = type;
        this.defaultText = defaultText;
        this.min = min;
        this.max = max;
        this.choices = String.join(",", choices);
        this.reason = reason;
    }

    /** Its path in the file, for example {@code tcp.port}. */
    public String path() {
        return path;
    }

    /** What it is for, and why its default is what it is. */
    public String reason() {
        return reason;
    }

    /** The default, as it would stand in the file. */
    public String defaultText() {
        return defaultText;
    }

    /** JSON-Schema name of its type. */
    public String schemaType() {
        return switch (type) {
            case TEXT -> "string";
            case INTEGER, POWER_OF_TWO -> "integer";
            case REAL -> "number";
            case FLAG -> "boolean";
        };
    }

    /** The values it may have, empty when its type and bounds say it all. */
    public List<String> choices() {
        return choices.isEmpty() ? List.of() : List.of(choices.split(","));
    }

    /** True when it has bounds, so that {@link #min()} and {@link #max()} mean something. */
    public boolean isBounded() {
        return type != Type.TEXT && type != Type.FLAG;
    }

    public double min() {
        return min;
    }

    public double max() {
        return max;
    }

    /** The value that {@code text} stands for. */
    Object parse(String text, String where) {
        try {
            return switch (type) {
                case TEXT -> checkedText(text, where);
                case INTEGER -> checked(Long.valueOf(text.replace("_", "")), where, "a whole number");
                case POWER_OF_TWO -> powerOfTwo(Long.parseLong(text.replace("_", "")), where);
                case REAL -> checked(Double.valueOf(text), where, "a number");
                case FLAG -> flag(text, where);
            };
        } catch (NumberFormatException e) {
            String wanted = type == Type.REAL ? "a number" : "a whole number";
            throw new ConfigException(where + ": " + path + " must be " + wanted + ": " + path + "=" + text);
        }
    }

    private String checkedText(String text, String where) {
        if (text.isBlank() || (!choices.isEmpty() && !choices().contains(text))) {
            String rule = choices.isEmpty() ? "must not be empty" : "must be one of " + choices();
            throw new ConfigException(where + ": " + path + " " + rule + ": " + path + "=" + text);
        }
        return text;
    }

    private <T extends Number> T checked(T value, String where, String what) {
        double number = value.doubleValue();
        if (Double.isNaN(number) || number < min || number > max) {
            throw new ConfigException(where + ": " + path + " must be " + what + " in [" + bound(min) + ", "
                    + bound(max) + "]: " + path + "=" + value);
        }
        return value;
    }

    private Long powerOfTwo(long value, String where) {
        checked(value, where, "a power of two");
        if (Long.bitCount(value) != 1) {
            throw new ConfigException(where + ": " + path + " must be a power of two: " + path + "=" + value);
        }
        return value;
    }

    private Boolean flag(String text, String where) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new ConfigException(where + ": " + path + " must be true or false: " + path + "=" + text);
        }
        return Boolean.valueOf(text);
    }

    private static String bound(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
