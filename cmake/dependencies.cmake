# SPDX-License-Identifier: Apache-2.0
# Every third-party library, found once. One door per library: tests/lint/includes.py says who may include it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
# 2.5 for all names of system calls.
pkg_check_modules(libseccomp REQUIRED IMPORTED_TARGET libseccomp>=2.5)
pkg_check_modules(libnl REQUIRED IMPORTED_TARGET libnl-3.0)
pkg_check_modules(libmnl REQUIRED IMPORTED_TARGET libmnl)
pkg_check_modules(libnftnl REQUIRED IMPORTED_TARGET libnftnl)
pkg_check_modules(microhttpd REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
# 7.87 for CURLOPT_QUICK_EXIT.
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl>=7.87)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
pkg_check_modules(gnutls REQUIRED IMPORTED_TARGET gnutls)
pkg_check_modules(libcrypt REQUIRED IMPORTED_TARGET libcrypt)
