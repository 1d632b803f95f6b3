// Measures a C++ library for `rondo bench ann`: builds its index over the vectors that Java has written and times every query.
//
//   peers FOLDER DIMENSION ip|l2 FILTERS LEAST_SECONDS
//
//   FOLDER/base.f32, query.f32   float32, row by row
//   FOLDER/filterN.u8            1 for a row that may be returned; filter 0 passes all
//   FOLDER/truthN.i32            int32 × 500 for each query: the exact answers under a filter, -1 where there are fewer
//   FOLDER/rN.bin                written, for each query asked: double best of the passes in us, int32 × k rows, best first, -1 where there are fewer
//   stdout                       built <tab> index <tab> seconds <tab> CPU seconds <tab> bytes,
//                                then for each result of that index: rN.bin <tab> params <tab> k <tab> filter
//
// One thread, like the indexes it stands beside. Passes and how far a knob is turned are as in AnnBench, for those in Java.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>
#ifdef WITH_HNSWLIB
#include <hnswlib/hnswlib.h>
#endif
#ifdef WITH_USEARCH
#include <usearch/index_dense.hpp>
#endif
#ifdef WITH_FAISS
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/utils/distances.h>
#include <omp.h>

// Debian compiles FAISS for every x86-64, without AVX. These take the place of its kernels (the linker is told to use the first of two), so that FAISS is
// measured as it is when compiled for this machine. Its FastScan index stays out: there the instructions are emulated, deep in the library, and each row takes
// longer than its float product.
namespace faiss {
float fvec_inner_product(const float* x, const float* y, size_t d) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < d; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

float fvec_L2sqr(const float* x, const float* y, size_t d) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < d; i++) {
        sum += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return sum;
}
}  // namespace faiss
#endif

static const int PASSES = 3;
static const double ENOUGH_RECALL = 0.996;
static const double ENOUGH_US = 20000;
static const double FIRST_PASS_SECONDS = 1.5;
static const int KS[] = {10, 100, 500};
static const int K_MAX = 500;

template <class T>
static std::vector<T> readAll(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) {
        fprintf(stderr, "peers: cannot read %s\n", path.c_str());
        exit(1);
    }
    std::vector<T> values(in.tellg() / sizeof(T));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
    return values;
}

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static long residentBytes() {
    std::ifstream in("/proc/self/statm");
    long size = 0, resident = 0;
    in >> size >> resident;
    return resident * 4096;
}

using Search = std::function<void(const float*, std::vector<int>&)>;

struct Bench {
    std::string folder;
    size_t dimension;
    bool isDistance;
    double leastSeconds;
    std::vector<float> base;
    std::vector<float> queries;
    std::vector<std::vector<unsigned char>> passes;
    std::vector<double> shares;
    std::vector<std::vector<int>> truths;
    int results = 0;
    double startedAt = 0;
    clock_t cpuBefore = 0;
    long bytesBefore = 0;

    Bench(const char* folder, int dimension, bool isDistance, int filters, double leastSeconds)
        : folder(folder), dimension(dimension), isDistance(isDistance), leastSeconds(leastSeconds) {
        base = readAll<float>(this->folder + "/base.f32");
        queries = readAll<float>(this->folder + "/query.f32");
        for (int f = 0; f < filters; f++) {
            passes.push_back(readAll<unsigned char>(this->folder + "/filter" + std::to_string(f) + ".u8"));
            shares.push_back(std::count(passes[f].begin(), passes[f].end(), 1) / double(count()));
            truths.push_back(readAll<int>(this->folder + "/truth" + std::to_string(f) + ".i32"));
        }
    }

    size_t count() const { return base.size() / dimension; }

    void building() {
        bytesBefore = residentBytes();
        cpuBefore = clock();
        startedAt = now();
    }

    void built(const std::string& index) {
        double cpuSeconds = double(clock() - cpuBefore) / CLOCKS_PER_SEC;
        printf("built\t%s\t%f\t%f\t%ld\n", index.c_str(), now() - startedAt, cpuSeconds, residentBytes() - bytesBefore);
        fflush(stdout);
    }

    // True when the knob need not be turned further.
    bool measure(const std::string& params, int k, int filter, const Search& search) {
        size_t asked = queries.size() / dimension;
        std::vector<double> best(asked, 1e18);
        std::vector<std::vector<int>> found(asked);
        double begin = now();
        for (int pass = 0; pass < PASSES || now() - begin < leastSeconds; pass++) {
            for (size_t q = 0; q < asked; q++) {
                double start = now();
                search(&queries[q * dimension], found[q]);
                double end = now();
                best[q] = std::min(best[q], (end - start) * 1e6);
                if (pass == 0 && end - begin > FIRST_PASS_SECONDS) {
                    asked = q + 1;
                }
            }
        }
        std::string name = "r" + std::to_string(results++) + ".bin";
        std::ofstream out(folder + "/" + name, std::ios::binary);
        size_t hits = 0, all = 0;
        for (size_t q = 0; q < asked; q++) {
            std::unordered_set<int> rows(found[q].begin(), found[q].end());
            for (int i = 0; i < k && truths[filter][q * K_MAX + i] >= 0; i++) {
                all++;
                hits += rows.count(truths[filter][q * K_MAX + i]);
            }
            found[q].resize(k, -1);
            out.write(reinterpret_cast<char*>(&best[q]), sizeof(double));
            out.write(reinterpret_cast<char*>(found[q].data()), k * sizeof(int));
        }
        out.close();
        printf("%s\t%s\t%d\t%d\n", name.c_str(), params.c_str(), k, filter);
        fflush(stdout);
        std::nth_element(best.begin(), best.begin() + asked / 2, best.begin() + asked);
        return hits >= ENOUGH_RECALL * all || best[asked / 2] > ENOUGH_US;
    }
};

// A graph's knob: candidates that a search keeps, from as many as are asked for on.
static std::vector<int> efs(int asked) {
    std::vector<int> efs;
    for (double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0}) {
        if (int(asked * factor) <= std::max(640, 4 * asked)) {
            efs.push_back(int(asked * factor));
        }
    }
    return efs;
}

#ifdef WITH_HNSWLIB
static void hnswlibPeer(Bench& bench) {
    hnswlib::InnerProductSpace product(bench.dimension);
    hnswlib::L2Space distance(bench.dimension);
    hnswlib::SpaceInterface<float>* space = bench.isDistance ? (hnswlib::SpaceInterface<float>*)&distance : &product;
    bench.building();
    hnswlib::HierarchicalNSW<float> graph(space, bench.count(), 16, 200);
    for (size_t row = 0; row < bench.count(); row++) {
        graph.addPoint(&bench.base[row * bench.dimension], row);
    }
    bench.built("hnsw M=16 efC=200");
    for (size_t f = 0; f < bench.passes.size(); f++) {
        if (bench.shares[f] < 0.05) {
            continue;
        }
        for (int k : KS) {
            // This version has no filter inside the search: as many more neighbours are asked for.
            int asked = f == 0 ? k : int(k / bench.shares[f] * 1.2) + 10;
            for (int ef : efs(asked)) {
                graph.setEf(ef);
                Search search = [&](const float* query, std::vector<int>& out) {
                    auto queue = graph.searchKnn(query, asked);
                    std::vector<int> all(queue.size());
                    for (size_t i = queue.size(); i-- > 0;) {
                        all[i] = queue.top().second;
                        queue.pop();
                    }
                    out.clear();
                    for (int row : all) {
                        if (bench.passes[f][row] && int(out.size()) < k) {
                            out.push_back(row);
                        }
                    }
                };
                if (bench.measure("ef=" + std::to_string(ef), k, f, search)) {
                    break;
                }
            }
        }
    }
}
#endif

#ifdef WITH_USEARCH
static void usearchPeer(Bench& bench) {
    using namespace unum::usearch;
    metric_punned_t metric(
        bench.dimension, bench.isDistance ? metric_kind_t::l2sq_k : metric_kind_t::ip_k, scalar_kind_t::f32_k);
    bench.building();
    index_dense_t graph = index_dense_t::make(metric, index_dense_config_t(16, 200, 64));
    graph.reserve(index_limits_t(bench.count(), 1));
    for (size_t row = 0; row < bench.count(); row++) {
        graph.add(row, &bench.base[row * bench.dimension], 0);
    }
    bench.built("hnsw M=16 efC=200");
    for (size_t f = 0; f < bench.passes.size(); f++) {
        const std::vector<unsigned char>& passes = bench.passes[f];
        auto isIn = [&](size_t row) { return passes[row] != 0; };
        for (int k : KS) {
            std::vector<default_key_t> keys(k);
            for (int ef : efs(k)) {
                graph.change_expansion_search(ef);
                Search search = [&](const float* query, std::vector<int>& out) {
                    auto rows = f == 0 ? graph.search(query, k, 0) : graph.filtered_search(query, k, isIn, 0);
                    out.assign(keys.begin(), keys.begin() + rows.dump_to(keys.data()));
                };
                if (bench.measure("ef=" + std::to_string(ef), k, f, search)) {
                    break;
                }
            }
        }
    }
}
#endif

#ifdef WITH_FAISS
static void faissPeer(Bench& bench) {
    omp_set_num_threads(1);
    // The kernel above instead of a reference BLAS.
    faiss::distance_compute_blas_threshold = 1 << 30;
    // As is usual, between sqrt(n) and 4 sqrt(n); 1,024 for a million rows.
    size_t lists = 16;
    while (lists * lists * 2 <= bench.count() && lists < 1024) {
        lists *= 2;
    }
    std::vector<size_t> probeCounts{1};
    for (size_t probes = 2; probes <= lists; probes *= 2) {
        probeCounts.insert(probeCounts.end(), {probes, probes + probes / 2});
    }
    probeCounts.pop_back();
    faiss::MetricType metric = bench.isDistance ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
    faiss::IndexFlat quantizer(bench.dimension, metric);
    bench.building();
    faiss::IndexIVFFlat index(&quantizer, bench.dimension, lists, metric);
    index.train(bench.count(), bench.base.data());
    index.add(bench.count(), bench.base.data());
    bench.built("IVF" + std::to_string(lists) + ",Flat");
    for (size_t f = 0; f < bench.passes.size(); f++) {
        std::vector<unsigned char> bits((bench.count() + 7) / 8);
        for (size_t row = 0; row < bench.count(); row++) {
            bits[row / 8] |= bench.passes[f][row] << (row % 8);
        }
        faiss::IDSelectorBitmap selector(bench.count(), bits.data());
        for (int k : KS) {
            std::vector<float> scores(k);
            std::vector<int64_t> rows(k);
            for (size_t probes : probeCounts) {
                faiss::SearchParametersIVF parameters;
                parameters.nprobe = probes;
                parameters.sel = f == 0 ? nullptr : &selector;
                Search search = [&](const float* query, std::vector<int>& out) {
                    index.search(1, query, k, scores.data(), rows.data(), &parameters);
                    out.assign(rows.begin(), rows.end());
                };
                if (bench.measure("nprobe=" + std::to_string(probes), k, f, search)) {
                    break;
                }
            }
        }
    }
}
#endif

int main(int argc, char** argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: peers FOLDER DIMENSION ip|l2 FILTERS LEAST_SECONDS\n");
        return 2;
    }
    Bench bench(argv[1], atoi(argv[2]), std::string(argv[3]) == "l2", atoi(argv[4]), atof(argv[5]));
#ifdef WITH_HNSWLIB
    hnswlibPeer(bench);
#endif
#ifdef WITH_USEARCH
    usearchPeer(bench);
#endif
#ifdef WITH_FAISS
    faissPeer(bench);
#endif
    return 0;
}
