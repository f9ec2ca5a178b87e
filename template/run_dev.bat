@echo off
rem Run the connector for development in Docker, on this machine only.
rem   run_dev.bat            start; the image is built the first time
rem   run_dev.bat --build    build the image again first (needed after a change of requirements.txt)
setlocal
cd /d "%~dp0"

if not "%~1"=="" if not "%~1"=="--build" (
    echo run_dev.bat: unknown option '%~1'. Usage: run_dev.bat [--build] 1>&2
    exit /b 1
)
docker compose version >nul 2>nul || (
    echo run_dev.bat: 'docker compose' was not found. Install it from https://docs.docker.com/get-docker/ 1>&2
    echo Without Docker: 1>&2
    echo   py -m venv .venv 1>&2
    echo   .venv\Scripts\pip install -r requirements.txt 1>&2
    echo   .venv\Scripts\python main.py 1>&2
    exit /b 1
)

rem Projects written for stacksync-cdk have the second.
set CONFIG=app_config.yaml
if not exist %CONFIG% set CONFIG=stacksync.yml
rem The port of the configuration, unless PORT is set.
for /f "tokens=1,2 delims=: " %%a in ('findstr /r /c:"^[a-z]" /c:"^  *port:" %CONFIG%') do (
    if "%%a"=="port" call set "port_of_%%section%%=%%~b"
    if not "%%a"=="port" set "section=%%a"
)
if not defined PORT set "PORT=%port_of_local_development_settings%"
if not defined PORT set "PORT=%port_of_app_settings%"
if not defined PORT set "PORT=2003"

echo The connector will be at http://localhost:%PORT% (Ctrl-C stops it)
docker compose -f config/compose.yaml up %* connector
exit /b %errorlevel%
